/** How a shop stands with the operator: its room of the day, its review, its code; and the operator's desk. */
import { attempt } from '@/kit/attempts'
import { get, post, put, remove } from '@/kit/api/client'
import type { Person, ShopFace, Trade } from '@/kit/api/types'
import { newId } from '@/kit/ids'
import type { Position } from '@/kit/where'
import type { Proposal } from '@/features/merchants/shops'

export const TIERS = ['new', 'small', 'large', 'unlimited'] as const
export type Tier = (typeof TIERS)[number]
export const REASONS = ['fraud', 'forbidden-goods', 'identity-not-proven', 'court-order', 'owners-wish', 'shop-gone'] as const
export type Reason = (typeof REASONS)[number]
export const QUEUES = ['waiting', 'asked', 'reviewed', 'withdrawn'] as const
export type Queue = (typeof QUEUES)[number]

export interface Withdrawal {
  reason: Reason
  case_number: string
  taken_at: string
  objection: string
}

export interface Standing {
  state: 'waiting' | 'asked' | 'reviewed'
  tier: Tier
  limit_minor: number | null
  left_minor: number | null
  question: string
  answer: string
  withdrawal: Withdrawal | null
}

export interface DeskShop extends ShopFace {
  discreet: boolean
  owner: Person | null
  state: 'open' | 'closed'
  review: Standing['state']
  tier: Tier
  since: string
  question: string
  answer: string
  count: number
  amount_minor: number
  withdrawal: Withdrawal | null
  change: Proposal | null
}

export interface LookedUp {
  name: string
  picture: string
  trade: Trade
  place: string
  owner: Person
  change: Proposal | null
}

export const loadStanding = (shop: string) => get<Standing>(`/api/shops/${shop}/standing`)
export const answerReview = (shop: string, text: string) =>
  attempt(`answer.${shop}`, { text }, (key) => post<Standing>(`/api/shops/${shop}/review-answers`, { text }, { key }))
export const objectTo = (shop: string, text: string) => post<Standing>(`/api/shops/${shop}/objections`, { text })

export interface Face {
  face: 'own' | 'neutral'
  name: string
  neutral_name: string
}
export const loadFace = (shop: string) => get<Face>(`/api/shops/${shop}/face`)
export const setFace = (shop: string, face: Face['face']) => put<Face>(`/api/shops/${shop}/face`, { face })

export const loadPosition = (shop: string) => get<{ position: Position | null }>(`/api/shops/${shop}/position`)
export const setPosition = (shop: string, here: Position) => put<{ position: Position }>(`/api/shops/${shop}/position`, here)
export const forgetPosition = (shop: string) => remove(`/api/shops/${shop}/position`)

export interface FarScan {
  shop_id: string
  name: string
  picture: string
  business_date: string
  distance: 'under-10' | 'under-100' | 'over-100'
  count: number
}
export const listFarScans = async () => (await get<{ scans: FarScan[] }>('/api/ops/far-scans')).scans

const OPS = '/api/ops/shops'

export function listDesk(queue: Queue, search: string, after?: string) {
  const asked = new URLSearchParams({ queue, search, ...(after ? { after } : {}) })
  return get<{ shops: DeskShop[]; next: string | null }>(`${OPS}?${asked}`)
}
export const giveTier = (shop: string, tier: Tier) => post<DeskShop>(`${OPS}/${shop}/reviews`, { tier }, { key: newId() })
export const askShop = (shop: string, text: string) => post<DeskShop>(`${OPS}/${shop}/questions`, { text }, { key: newId() })
export const decideChange = (shop: string, made: boolean) => post<DeskShop>(`${OPS}/${shop}/changes`, { made }, { key: newId() })
export const takeBack = (shop: string, reason: Reason, case_number: string) =>
  post<DeskShop>(`${OPS}/${shop}/withdrawals`, { reason, case_number }, { key: newId() })
export const reinstate = (shop: string) => post<DeskShop>(`${OPS}/${shop}/reinstatements`, {}, { key: newId() })
export const lookUp = (shop: string) => post<LookedUp>(`${OPS}/${shop}/lookups`)
