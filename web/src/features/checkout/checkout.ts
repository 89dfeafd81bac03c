/** An order and its payment, safe to ask for again at every step. */
import { attempt } from '@/kit/attempts'
import { get, post } from '@/kit/api/client'
import type { Funding, Order, Payment } from '@/kit/api/types'

export const makeOrder = (code: string, amount_minor: number) =>
  attempt('order', { code, amount_minor }, (key) => post<Order>('/api/orders', { code, amount_minor }, { key }))

export const loadOrder = (id: string) => get<Order>(`/api/orders/${id}`)
export const loadPayment = (id: string) => get<Payment>(`/api/payments/${id}`)

export interface Choice {
  coupon_id: string | null
  funding: Funding
  card_id: string | null
}

export const pay = (order: string, choice: Choice, pin: string) =>
  attempt(`payment.${order}`, choice, (key) =>
    post<Payment>(`/api/orders/${order}/payments`, { ...choice, pin }, { key, timeout_ms: 45_000 }),
  )

/** What is left to pay with this coupon. */
export function payableWith(order: Order, coupon: string | null): number {
  const offered = order.coupons.find((one) => one.coupon.id === coupon && one.usable)
  return Math.max(0, order.amount_minor - (offered?.saves_minor ?? 0))
}

/** Balance when it is enough, else the first card, else balance (which the server then refuses with what is missing). */
export function fundingFor(order: Order, payable: number): { funding: Funding; card_id: string | null } {
  const card = order.cards[0]
  if (order.balance_minor >= payable || !card) return { funding: 'balance', card_id: null }
  return { funding: 'card', card_id: card.id }
}
