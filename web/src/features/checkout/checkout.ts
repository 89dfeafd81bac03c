/** An order and its payment, safe to ask for again at every step. */
import { attempt } from '@/kit/attempts'
import { get, post } from '@/kit/api/client'
import type { Coupon, Funding, OfferedCoupon, Order, Payment } from '@/kit/api/types'

export const makeOrder = (code: string, amount_minor: number) =>
  attempt('order', { code, amount_minor }, (key) => post<Order>('/api/orders', { code, amount_minor }, { key }))

export const loadOrder = (id: string) => get<Order>(`/api/orders/${id}`)
export const loadPayment = (id: string) => get<Payment>(`/api/payments/${id}`)

export interface Choice {
  coupon_ids: string[]
  funding: Funding
  card_id: string | null
}

export const pay = (order: string, choice: Choice, pin: string) =>
  attempt(`payment.${order}`, choice, (key) =>
    post<Payment>(`/api/orders/${order}/payments`, { ...choice, pin }, { key, timeout_ms: 45_000 }),
  )

/** Whether both may pay for one purchase: each of a group, and not of the same. */
export function goTogether(one: Coupon, other: Coupon): boolean {
  const [a, b] = [one.limits?.stacking ?? '', other.limits?.stacking ?? '']
  return a !== '' && b !== '' && a !== b
}

/** By which coupons are used one after the other: red packets first, then those that end first. */
function rank(coupon: Coupon): string {
  const [seconds = '', fraction = ''] = coupon.expires_at.replace('Z', '').split('.')
  return `${coupon.packet ? 0 : 1} ${seconds}.${fraction.padEnd(6, '0')} ${coupon.id}`
}

/** What each of these offered coupons takes off when all are used, in the order of use; 0 when nothing is left for it. */
export function uses(offered: OfferedCoupon[], amount_minor: number): { offered: OfferedCoupon; saved_minor: number }[] {
  let left = amount_minor
  return [...offered]
    .sort((one, other) => (rank(one.coupon) < rank(other.coupon) ? -1 : 1))
    .map((one) => {
      const saved_minor = Math.min(one.saves_minor, left)
      left -= saved_minor
      return { offered: one, saved_minor }
    })
}

/** The order's offered coupons that these ids name, as far as they count for it. */
export const offeredOf = (order: Order, ids: string[]) => order.coupons.filter((one) => one.usable && ids.includes(one.coupon.id))

/** What is left to pay with these coupons. */
export function payableWith(order: Order, ids: string[]): number {
  return order.amount_minor - uses(offeredOf(order, ids), order.amount_minor).reduce((sum, one) => sum + one.saved_minor, 0)
}

/** Why a coupon cannot simply be added to those chosen: some it does not go with, or nothing is left for it. */
export function obstacle(order: Order, ids: string[], id: string): { with: OfferedCoupon[] } | 'not-needed' | null {
  const chosen = offeredOf(order, ids)
  const [one] = offeredOf(order, [id])
  if (!one || ids.includes(id)) return null
  const others = chosen.filter((each) => !goTogether(each.coupon, one.coupon))
  if (others.length) return { with: others }
  return uses([...chosen, one], order.amount_minor).find((each) => each.offered === one)?.saved_minor ? null : 'not-needed'
}

/** The chosen ones with this one added or taken away; what does not go with it, or has nothing left to pay, makes room. */
export function toggled(order: Order, ids: string[], id: string): string[] {
  if (ids.includes(id)) return ids.filter((other) => other !== id)
  const [one] = offeredOf(order, [id])
  if (!one) return ids
  const kept = offeredOf(order, ids).filter((other) => goTogether(other.coupon, one.coupon))
  const used = uses([...kept, one], order.amount_minor).filter((each) => each.saved_minor > 0).map((each) => each.offered.coupon.id)
  return used.includes(id) ? used : ids
}

/** Balance when it is enough, else the first card, else balance (which the server then refuses with what is missing). */
export function fundingFor(order: Order, payable: number): { funding: Funding; card_id: string | null } {
  const card = order.cards[0]
  if (order.balance_minor >= payable || !card) return { funding: 'balance', card_id: null }
  return { funding: 'card', card_id: card.id }
}
