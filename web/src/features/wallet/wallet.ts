/** The person's money: balance, cards, and the flows that move it. */
import { ref } from 'vue'
import { attempt } from '@/kit/attempts'
import { get, post, put, remove, Unreachable } from '@/kit/api/client'
import type { Bill, Binding, TopUp, Transfer, Wallet } from '@/kit/api/types'
import { me } from '@/features/people/session'

export const wallet = ref<Wallet | null>(null)

export async function loadWallet(): Promise<Wallet> {
  wallet.value = await get<Wallet>('/api/wallet')
  return wallet.value
}

export const loadBills = (before?: string, limit = 30) =>
  get<{ bills: Bill[]; more: boolean }>(`/api/bills?limit=${limit}${before ? `&before=${before}` : ''}`)

export const startBinding = () => attempt('binding', {}, (key) => post<Binding>('/api/cards/bindings', {}, { key }))
export const confirmBinding = (id: string) => post<Binding>(`/api/cards/bindings/${id}/confirmation`)
export const removeCard = (id: string) => remove(`/api/cards/${id}`)

/** The PIN isn't part of what is compared, so it isn't part of what makes an attempt. */
export const topUp = (card_id: string, amount_minor: number, pin: string) =>
  attempt('topup', { card_id, amount_minor }, (key) => post<TopUp>('/api/topups', { card_id, amount_minor, pin }, { key, timeout_ms: 45_000 }))

export const transfer = (code: string, amount_minor: number, note: string, pin: string) =>
  attempt('transfer', { code, amount_minor, note }, (key) => post<Transfer>('/api/transfers', { code, amount_minor, note, pin }, { key }))

export async function settlePin(pin: string, current_pin?: string) {
  await put<void>('/api/me/payment-pin', current_pin ? { pin, current_pin } : { pin })
  if (me.value) me.value.has_pin = true
}

/** Asks again and again until it is settled; a lost answer is no answer, so it asks on. */
export async function settled<T extends { state: string }>(first: T, ask: () => Promise<T>, stillWanted: () => boolean): Promise<T> {
  let latest = first
  for (let tries = 0; latest.state === 'processing' && stillWanted(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(800 + tries * 200, 3000)))
    try {
      latest = await ask()
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error
    }
  }
  return latest
}

export const topUpNow = (id: string) => get<TopUp>(`/api/topups/${id}`)
