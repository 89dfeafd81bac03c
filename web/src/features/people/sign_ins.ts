/** Signing in on a desk by a phone that is signed in: the desk shows a code, the phone reads and approves it. */
import { get, post, remove } from '@/kit/api/client'
import type { Drawn, Me } from '@/kit/api/types'

export type SignInState = 'waiting' | 'seen' | 'approved' | 'refused' | 'over'

export interface Asking {
  device: string
  address: string
  created_at: string
  expires_at: string
}

const WAIT_S = 20

export const askSignIn = () => post<Drawn & { code: string }>('/api/sign-ins')
/** Answered when the state changes, or after a while as it is. */
export const awaitSignIn = () => get<{ state: SignInState; name: string | null }>(`/api/sign-ins/current?wait_s=${WAIT_S}`, { timeout_ms: (WAIT_S + 10) * 1000 })
export const takeSession = () => post<Me>('/api/sign-ins/current/session')

export const seeSignIn = (code: string) => get<Asking>(`/api/sign-ins/${encodeURIComponent(code)}`)
export const approveSignIn = (code: string) => post(`/api/sign-ins/${encodeURIComponent(code)}/approval`)
export const refuseSignIn = (code: string) => remove(`/api/sign-ins/${encodeURIComponent(code)}`)
