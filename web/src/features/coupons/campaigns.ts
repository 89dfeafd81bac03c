/** The operator's campaigns: what the desk sends and what became of them. */
import { get, patch, post } from '@/kit/api/client'
import type { Both, Campaign, Trade } from '@/kit/api/types'
import { newId } from '@/kit/ids'

export { TRADES } from '@/kit/api/types'

export const KINDS = ['fixed', 'percent', 'random', 'packet'] as const
export const TRIGGERS = ['claim', 'card_bound', 'payment', 'list'] as const
export const AUDIENCES = ['everyone', 'new', 'card_bound'] as const

export interface Offer {
  amount_minor: number
  threshold_minor: number
  kind: (typeof KINDS)[number]
  percent: number
  least_minor: number
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
  terms: { audience: string; per_day: number; per_person: number }
}

export interface Report {
  given: number
  claimed: number
  redeemed: number
  expired: number
  outstanding: number
  given_minor: number
  redeemed_minor: number
  expired_minor: number
  sales_minor: number
  by_shop: { shop_id: string; name: string; picture: string; redeemed: number; redeemed_minor: number; sales_minor: number }[]
  by_hour: { hour: number; redeemed: number; sales_minor: number }[]
}

/** A form as it is filled in, in whole currency units where people think in them. */
export interface Draft {
  zh: string
  en: string
  trigger: (typeof TRIGGERS)[number]
  kind: (typeof KINDS)[number]
  amount: number
  least: number
  percent: number
  threshold: number
  budget: number
  pieces: number
  validDays: number
  audience: (typeof AUDIENCES)[number]
  perDay: number
  perPerson: number
  trades: Trade[]
  hours: [number, number]
  window: [Date, Date] | null
}

export const emptyDraft = (): Draft => ({
  zh: '', en: '', trigger: 'claim', kind: 'fixed', amount: 5, least: 1, percent: 20, threshold: 20, budget: 5000, pieces: 1000,
  validDays: 7, audience: 'everyone', perDay: 0, perPerson: 1, trades: [], hours: [0, 24], window: null,
})

/** What the server is sent: only what the kind of coupon has. */
export function requestOf(draft: Draft, decimals: number) {
  const minor = (amount: number) => Math.round(amount * 10 ** decimals)
  const drawn = draft.kind === 'random' || draft.kind === 'packet'
  return {
    title: { zh: draft.zh, en: draft.en },
    trigger: draft.trigger,
    offers: [
      {
        kind: draft.kind,
        amount_minor: minor(draft.amount),
        threshold_minor: draft.kind === 'packet' ? 0 : minor(draft.threshold),
        percent: draft.kind === 'percent' ? draft.percent : 0,
        least_minor: drawn ? minor(draft.least) : 0,
      },
    ],
    budget_minor: minor(draft.budget),
    budget_pieces: draft.pieces,
    valid_days: draft.kind === 'packet' ? Math.min(draft.validDays, 3) : draft.validDays,
    starts_at: draft.window?.[0].toISOString() ?? null,
    ends_at: draft.window?.[1].toISOString() ?? null,
    terms: {
      audience: draft.audience,
      per_day: draft.perDay,
      per_person: draft.perPerson,
      limits: { trades: draft.trades, from_hour: draft.hours[0], until_hour: draft.hours[1] },
    },
  }
}

const OPS = '/api/ops/campaigns'

export const listCampaigns = async () => (await get<{ campaigns: Campaign[] }>(OPS)).campaigns
export const loadCampaign = (id: string) => get<WholeCampaign>(`${OPS}/${id}`)
export const loadReport = (id: string) => get<Report>(`${OPS}/${id}/report`)
export const draftCampaign = (body: object, key: string) => post<WholeCampaign>(OPS, body, { key })
export const decide = (id: string, what: 'approvals' | 'pauses' | 'resumptions' | 'ends') => post<WholeCampaign>(`${OPS}/${id}/${what}`)
export const raiseBudget = (id: string, budget_minor: number, budget_pieces: number) => patch<WholeCampaign>(`${OPS}/${id}`, { budget_minor, budget_pieces })
export const giveToList = (id: string, handles: string[]) =>
  post<{ given: number; refused: number; unknown: string[] }>(`${OPS}/${id}/gifts`, { handles }, { key: newId() })
