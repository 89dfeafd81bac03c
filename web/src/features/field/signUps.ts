/** Signing up a shop at its counter: the promoter's side and its owner's. */
import { get, post } from '@/kit/api/client'
import type { Person, Trade } from '@/kit/api/types'
import { attempt } from '@/kit/attempts'

export interface CounterShop {
  name: string
  trade: Trade
  place: string
  picture: string
  area_id: string | null
}

export type SignUpState = 'asked' | 'agreed' | 'open' | 'declined' | 'refused'

export interface SignUp {
  id: string
  place_id: string
  shop: CounterShop
  url: string
  svg: string
  state: SignUpState
  owner: Person | null
  asked_at: string
  expires_at: string
  shop_id: string | null
}

export interface AskedOfMe {
  token: string
  shop: CounterShop
  promoter: Person
  state: SignUpState
  expires_at: string
  shop_id: string | null
}

export interface Sheet {
  id: string
  printed_at: string
  codes: number
  bound: number
}

const MINE = '/api/field/sign-ups'

export const askOwner = (place_id: string, shop: CounterShop, owner_handle = '') =>
  attempt(`signUp.${place_id}`, { shop, owner_handle }, (key) => post<SignUp>(MINE, { place_id, shop, owner_handle }, { key }))
export const signUpOf = (id: string) => get<SignUp>(`${MINE}/${id}`)
export const listSignUps = async () => (await get<{ sign_ups: SignUp[] }>(MINE)).sign_ups
export const typeOwnerCode = (id: string, owner_code: string) => post<SignUp>(`${MINE}/${id}/owner-codes`, { owner_code })
export const bindSignedUp = (id: string, blank: string) => attempt(`blank.${id}`, { blank }, (key) => post<void>(`${MINE}/${id}/blanks`, { blank }, { key }))
export const bindOwn = (shop: string, blank: string) => attempt(`blank.${shop}`, { blank }, (key) => post<void>(`/api/shops/${shop}/blanks`, { blank }, { key }))

export const ownerCode = () => post<{ code: string; expires_at: string }>('/api/me/owner-code')
export const askedOfMe = async () => (await get<{ sign_ups: AskedOfMe[] }>('/api/sign-ups')).sign_ups
export const scannedSignUp = (token: string) => get<AskedOfMe>(`/api/sign-ups/${token}`)
export const agreeToSignUp = (token: string) => post<AskedOfMe>(`/api/sign-ups/${token}/agreements`)
export const declineSignUp = (token: string) => post(`/api/sign-ups/${token}/refusals`)

export const listSheets = async () => (await get<{ sheets: Sheet[] }>('/api/ops/sheets')).sheets
export const printSheet = (blanks: number) => attempt('sheet', { blanks }, (key) => post<{ id: string }>('/api/ops/sheets', { blanks }, { key }))
