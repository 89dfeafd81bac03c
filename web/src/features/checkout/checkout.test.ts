import { describe, expect, it } from 'vitest'
import type { Order } from '@/kit/api/types'
import { fundingFor, payableWith } from './checkout'

const shop = { id: 's', name: 'Noodles', picture: '🍜', place: 'Lane 3', trade: 'noodles' as const }
const coupon = (id: string, amount_minor: number) => ({
  id,
  title: { zh: '券', en: 'Coupon' },
  amount_minor,
  threshold_minor: 0,
  expires_at: '2030-01-01T00:00:00Z',
  state: 'available' as const,
})
const order = (facts: Partial<Order>): Order => ({
  id: 'o',
  shop,
  amount_minor: 2000,
  state: 'open',
  expires_at: '2030-01-01T00:00:00Z',
  coupons: [],
  best_coupon_id: null,
  balance_minor: 0,
  cards: [],
  payment: null,
  ...facts,
})

describe('what is left to pay', () => {
  const offered = order({
    coupons: [
      { coupon: coupon('a', 500), saves_minor: 500, usable: true, reason: null },
      { coupon: coupon('b', 5000), saves_minor: 2000, usable: true, reason: null },
      { coupon: coupon('c', 900), saves_minor: 900, usable: false, reason: 'below-threshold' },
    ],
  })
  it.each([
    [null, 2000],
    ['a', 1500],
    ['b', 0],
    ['c', 2000],
    ['unknown', 2000],
  ])('with coupon %s is %i', (id, payable) => {
    expect(payableWith(offered, id)).toBe(payable)
  })
})

describe('what pays', () => {
  const card = { id: 'k', bank_name: 'Bank', last4: '1234', state: 'active' }
  it('is the balance when it is enough, to the cent', () => {
    expect(fundingFor(order({ balance_minor: 1500, cards: [card] }), 1500)).toEqual({ funding: 'balance', card_id: null })
  })
  it('is the card when the balance is short', () => {
    expect(fundingFor(order({ balance_minor: 1499, cards: [card] }), 1500)).toEqual({ funding: 'card', card_id: 'k' })
  })
  it('is the balance when there is no card', () => {
    expect(fundingFor(order({ balance_minor: 0 }), 1500)).toEqual({ funding: 'balance', card_id: null })
  })
})
