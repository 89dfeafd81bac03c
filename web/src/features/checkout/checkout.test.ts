import { describe, expect, it } from 'vitest'
import type { OfferedCoupon, Order, Stacking } from '@/kit/api/types'
import { fundingFor, goTogether, obstacle, payableWith, toggled, uses } from './checkout'
import vectors from './uses.json'

const shop = { id: 's', name: 'Noodles', picture: '🍜', place: 'Lane 3', trade: 'noodles' as const }
const offer = (id: string, saves_minor: number, stacking: Stacking = '', ends = 9): OfferedCoupon => ({
  coupon: {
    id,
    title: { zh: '券', en: 'Coupon' },
    amount_minor: saves_minor,
    threshold_minor: 0,
    expires_at: `2030-01-01T00:00:0${ends}Z`,
    state: 'available',
    packet: stacking === 'packet',
    limits: { shop_ids: [], trades: [], area_ids: [], from_hour: 0, until_hour: 24, stacking },
  },
  saves_minor,
  usable: true,
  reason: null,
  chosen: false,
  unused: null,
  excluded_by: null,
})
const order = (facts: Partial<Order>): Order => ({
  id: 'o',
  shop,
  amount_minor: 2000,
  state: 'open',
  expires_at: '2030-01-01T00:00:00Z',
  coupons: [],
  best_coupon_ids: [],
  best_saves_minor: 0,
  balance_minor: 0,
  cards: [],
  payment: null,
  ...facts,
})

describe('what coupons take off together', () => {
  it.each(vectors)('is the same as on the server: %j', ({ amount_minor, coupons, uses: expected }) => {
    const offered = coupons.map(([worth, stacking, ends], place) =>
      offer(String(place), Math.min(Number(worth), amount_minor), stacking as Stacking, Number(ends)),
    )
    const found = uses([...offered].reverse(), amount_minor)
    expect(found.map((one) => [Number(one.offered.coupon.id), one.saved_minor])).toEqual(expected)
  })
  it('orders by the fraction of a second too', () => {
    const [early, late] = [offer('b', 5, 'house'), offer('a', 5, 'shop')]
    early.coupon.expires_at = '2030-01-01T00:00:00Z'
    late.coupon.expires_at = '2030-01-01T00:00:00.5Z'
    expect(uses([late, early], 5).map((one) => one.saved_minor)).toEqual([5, 0])
    expect(uses([late, early], 5)[0]?.offered).toBe(early)
  })
})

describe('a choice of coupons', () => {
  const refused = { ...offer('x', 900, 'event'), usable: false, reason: 'below-threshold' as const }
  const offered = order({
    coupons: [offer('house', 500, 'house', 3), offer('shop', 300, 'shop', 2), offer('other', 200, 'house', 1), offer('alone', 1200), offer('big', 2000, 'card', 9), refused],
  })
  it.each([
    [[], 2000],
    [['house'], 1500],
    [['house', 'shop'], 1200],
    [['big'], 0],
    [['x'], 2000],
    [['unknown'], 2000],
  ])('of %j leaves to pay %i', (ids, payable) => {
    expect(payableWith(offered, ids)).toBe(payable)
  })
  it('goes together when the groups are different', () => {
    const [house, shop, other, alone] = offered.coupons.map((one) => one.coupon)
    expect(goTogether(house!, shop!)).toBe(true)
    expect(goTogether(house!, other!)).toBe(false)
    expect(goTogether(house!, alone!)).toBe(false)
  })
  it.each([
    [['house', 'shop'], 'house', ['shop']],
    [['house'], 'shop', ['shop', 'house']],
    [['house', 'shop'], 'other', ['other', 'shop']],
    [['house', 'shop'], 'alone', ['alone']],
    [['alone'], 'shop', ['shop']],
    [['house', 'shop'], 'x', ['house', 'shop']],
    [['house', 'shop'], 'big', ['shop', 'house', 'big']],
  ])('%j becomes another with %s', (ids, id, expected) => {
    expect(toggled(offered, ids, id)).toEqual(expected)
  })
  it('says what is in the way of a coupon', () => {
    expect(obstacle(offered, ['house', 'shop'], 'shop')).toBeNull()
    expect(obstacle(offered, ['house'], 'shop')).toBeNull()
    expect(obstacle(offered, ['house'], 'other')).toEqual({ with: [offered.coupons[0]] })
    const small = order({ ...offered, amount_minor: 500 })
    expect(obstacle(small, ['shop', 'house'], 'big')).toBe('not-needed')
    expect(toggled(small, ['shop', 'house'], 'big')).toEqual(['shop', 'house'])
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
