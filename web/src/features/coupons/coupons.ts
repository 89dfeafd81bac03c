/** The person's coupons, and which of them are new since they left for the bank. */
import { get, post } from '@/kit/api/client'
import type { Both, Card, Coupon } from '@/kit/api/types'
import { kept } from '@/kit/seat'

export const loadCoupons = async (state: 'available' | 'redeemed' | 'expired') =>
  (await get<{ coupons: Coupon[] }>(`/api/coupons?state=${state}`)).coupons

export interface Claimable {
  id: string
  title: Both
  valid_days: number
  claimed: number
  per_person: number
}

/** What the person may ask for now. */
export const loadClaimable = async () => (await get<{ campaigns: Claimable[] }>('/api/campaigns')).campaigns

export const claimCoupons = (id: string, key: string) => post<{ state: string; coupons: Coupon[] }>(`/api/campaigns/${id}/claims`, {}, { key })

/** A red packet shows what is in it; opening it again is harmless. */
export const openPacket = (id: string) => post<Coupon>(`/api/packets/${id}/opening`)

/** Whoever has bound a card was given what there is for that. */
export const hasCard = async () => (await get<{ cards: Card[] }>('/api/cards')).cards.length > 0

const KNOWN = kept('coupons.before')

/** Notes which coupons there are now, so that those given meanwhile can be shown afterwards. */
export async function noteKnownCoupons() {
  const known = (await loadCoupons('available')).map((coupon) => coupon.id)
  sessionStorage.setItem(KNOWN, JSON.stringify(known))
}

export async function couponsSinceNoted(): Promise<Coupon[]> {
  const known = new Set<string>(JSON.parse(sessionStorage.getItem(KNOWN) ?? '[]') as string[])
  return (await loadCoupons('available')).filter((coupon) => !known.has(coupon.id))
}
