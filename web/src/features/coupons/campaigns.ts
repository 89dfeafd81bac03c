/** The operator's campaigns: what the desk sends and what became of them. */
import { get, patch, post } from '@/kit/api/client'
import type { Both, Campaign, Coupon, Stacking, Trade } from '@/kit/api/types'
import { newId } from '@/kit/ids'

export { TRADES } from '@/kit/api/types'

export const KINDS = ['fixed', 'percent', 'random', 'packet'] as const
export const TRIGGERS = ['claim', 'card_bound', 'payment', 'list'] as const
export const AUDIENCES = ['everyone', 'new', 'card_bound'] as const
export const GROUPS: Stacking[] = ['', 'house', 'shop', 'card', 'event']
export const REASONS = ['fraud', 'mistake'] as const
export const LONGEST_PACKET_DAYS = 3

export interface Offer {
  amount_minor: number
  threshold_minor: number
  kind: (typeof KINDS)[number]
  percent: number
  least_minor: number
}

export interface Terms {
  audience: (typeof AUDIENCES)[number]
  per_day: number
  per_person: number
  least_payment_minor: number
  limits: { shop_ids: string[]; trades: string[]; area_ids: string[]; from_hour: number; until_hour: number; stacking: Stacking }
}

export interface WholeCampaign {
  id: string
  title: Both
  trigger: (typeof TRIGGERS)[number]
  state: string
  offers: Offer[]
  budget_minor: number
  budget_pieces: number
  valid_days: number
  starts_at: string | null
  ends_at: string | null
  drafted_by: string | null
  follow_up: boolean
  terms: Terms
  funder: { shop_id: string; permille: number } | null
  raise_asked: { budget_minor: number; budget_pieces: number; asked_by: string; asked_at: string } | null
  asker: string
}

export interface Report {
  given: number
  claimed: number
  redeemed: number
  expired: number
  withdrawn: number
  outstanding: number
  given_minor: number
  redeemed_minor: number
  unused_minor: number
  expired_minor: number
  withdrawn_minor: number
  outstanding_minor: number
  sales_minor: number
  new_payers: number
  by_shop: { shop_id: string; name: string; picture: string; redeemed: number; redeemed_minor: number; sales_minor: number }[]
  by_hour: { hour: number; redeemed: number; sales_minor: number }[]
  by_funder: { shop_id: string | null; name: string; funded_minor: number; returned_minor: number; redeemed_minor: number }[]
}

export type ShareState = 'asked' | 'agreed' | 'declined' | 'paid' | 'void'

/** What a shop is asked to pay of a sum. */
export interface Share {
  id: string
  campaign_id: string
  shop_id: string
  amount_minor: number
  shop_minor: number
  raises: boolean
  state: ShareState
  asked_at: string
}

/** The same as the shop's owner sees it. */
export interface ShownShare extends Share {
  title: Both
  campaign_state: string
  trigger: (typeof TRIGGERS)[number]
  offers: Offer[]
  terms: Terms
  valid_days: number
  starts_at: string | null
  ends_at: string | null
  returned_minor: number
}

export interface FoundShop {
  id: string
  name: string
  picture: string
  place: string
}

/** One kind of coupon as it is filled in, in whole currency units where people think in them. */
export interface DraftOffer {
  kind: (typeof KINDS)[number]
  amount: number
  least: number
  percent: number
  threshold: number
}

export interface Draft {
  zh: string
  en: string
  trigger: (typeof TRIGGERS)[number]
  offers: DraftOffer[]
  budget: number
  pieces: number
  validDays: number
  audience: (typeof AUDIENCES)[number]
  perDay: number
  perPerson: number
  leastPayment: number
  stacking: Stacking
  shops: string[]
  trades: Trade[]
  areas: string[]
  hours: [number, number]
  window: [Date, Date] | null
  funder: string
  share: number
  followUp: boolean
}

export const emptyOffer = (): DraftOffer => ({ kind: 'fixed', amount: 5, least: 1, percent: 20, threshold: 20 })

export const emptyDraft = (): Draft => ({
  zh: '', en: '', trigger: 'claim', offers: [emptyOffer()], budget: 5000, pieces: 1000, validDays: 7, audience: 'everyone', perDay: 0,
  perPerson: 1, leastPayment: 0, stacking: '', shops: [], trades: [], areas: [], hours: [0, 24], window: null, funder: '', share: 50,
  followUp: false,
})

const hasPacket = (draft: Draft) => draft.offers.some((offer) => offer.kind === 'packet')

/** Red packets are a group of their own, and nothing else is in it. */
export const groupOf = (draft: Draft): Stacking => (hasPacket(draft) ? (draft.offers.every((offer) => offer.kind === 'packet') ? 'packet' : '') : draft.stacking)

/** What the server is sent: only what the kind of coupon has. */
export function requestOf(draft: Draft, decimals: number) {
  const minor = (amount: number) => Math.round(amount * 10 ** decimals)
  return {
    title: { zh: draft.zh, en: draft.en },
    trigger: draft.trigger,
    offers: draft.offers.map((offer) => offerOf(offer, minor)),
    budget_minor: minor(draft.budget),
    budget_pieces: draft.pieces,
    valid_days: hasPacket(draft) ? Math.min(draft.validDays, LONGEST_PACKET_DAYS) : draft.validDays,
    starts_at: draft.window?.[0].toISOString() ?? null,
    ends_at: draft.window?.[1].toISOString() ?? null,
    follow_up: draft.followUp,
    funder: draft.funder ? { shop_id: draft.funder, permille: Math.round(draft.share * 10) } : null,
    terms: {
      audience: draft.audience,
      per_day: draft.perDay,
      per_person: draft.perPerson,
      least_payment_minor: draft.trigger === 'payment' ? minor(draft.leastPayment) : 0,
      limits: {
        shop_ids: draft.funder ? [draft.funder] : draft.shops,
        trades: draft.trades,
        area_ids: draft.areas,
        from_hour: draft.hours[0],
        until_hour: draft.hours[1],
        stacking: groupOf(draft),
      },
    },
  }
}

function offerOf(offer: DraftOffer, minor: (amount: number) => number): Offer {
  const drawn = offer.kind === 'random' || offer.kind === 'packet'
  return {
    kind: offer.kind,
    amount_minor: minor(offer.amount),
    threshold_minor: offer.kind === 'packet' ? 0 : minor(offer.threshold),
    percent: offer.kind === 'percent' ? offer.percent : 0,
    least_minor: drawn ? minor(offer.least) : 0,
  }
}

/** The coupons of a draft as people will hold them; what is drawn shows the most there may be, a red packet nothing. */
export function previewOf(draft: Draft, decimals: number): Coupon[] {
  const request = requestOf(draft, decimals)
  const expires_at = new Date(Date.now() + request.valid_days * 86_400_000).toISOString()
  return request.offers.map((offer, place) => ({
    id: `preview ${place}`,
    title: { zh: draft.zh || '…', en: draft.en || draft.zh || '…' },
    amount_minor: offer.kind === 'packet' ? null : offer.amount_minor,
    threshold_minor: offer.threshold_minor,
    expires_at,
    state: 'available',
    percent: offer.percent,
    packet: offer.kind === 'packet',
    opened: offer.kind !== 'packet',
    limits: request.terms.limits,
  }))
}

const OPS = '/api/ops/campaigns'

export const listCampaigns = async () => (await get<{ campaigns: Campaign[] }>(OPS)).campaigns
export const loadCampaign = (id: string) => get<WholeCampaign>(`${OPS}/${id}`)
export const loadReport = (id: string) => get<Report>(`${OPS}/${id}/report`)
export const csvOf = (id: string) => `${OPS}/${id}/report.csv`
export const loadCampaignShares = async (id: string) => (await get<{ shares: Share[] }>(`${OPS}/${id}/shares`)).shares
export const draftCampaign = (body: object, key: string) => post<WholeCampaign>(OPS, body, { key })
export const decide = (id: string, what: 'approvals' | 'pauses' | 'resumptions' | 'ends') => post<WholeCampaign>(`${OPS}/${id}/${what}`)
export const raiseBudget = (id: string, budget_minor: number, budget_pieces: number) => patch<WholeCampaign>(`${OPS}/${id}`, { budget_minor, budget_pieces })
export const giveToList = (id: string, handles: string[]) =>
  post<{ given: number; refused: number; unknown: string[] }>(`${OPS}/${id}/gifts`, { handles }, { key: newId() })
export const withdrawCoupons = (id: string, reason: (typeof REASONS)[number], handle: string, key: string) =>
  post<{ pieces: number; amount_minor: number; state: 'processing' | 'done' }>(`${OPS}/${id}/withdrawals`, { reason, handle: handle || null }, { key })
export const findShops = async (words: string) =>
  (await get<{ shops: FoundShop[] }>(`/api/ops/shops?search=${encodeURIComponent(words)}`)).shops

const shares = (shop: string) => `/api/shops/${shop}/shares`
export const loadShares = async (shop: string) => (await get<{ shares: ShownShare[] }>(shares(shop))).shares
export const decideShare = async (shop: string, share: string, what: 'agreements' | 'declines') =>
  (await post<{ shares: ShownShare[] }>(`${shares(shop)}/${share}/${what}`)).shares
