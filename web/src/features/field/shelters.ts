/** Shops under shelter: no fee for a while, within a budget. */
import { get, post } from '@/kit/api/client'
import type { Both } from '@/kit/api/types'
import { attempt } from '@/kit/attempts'
import { emptyOffer, type Draft } from '@/features/coupons/campaigns'

/** A campaign that counts at the sheltered shop alone. cost_minor: what its coupons have paid so far */
export interface ShelterCampaign {
  id: string
  title: Both
  state: string
  budget_minor: number
  cost_minor: number
}

export interface Shelter {
  id: string
  place_id: string | null
  shop: string
  begins_at: string
  ends_at: string
  budget_minor: number
  cost_minor: number
  permyriad: number
  called_at: string | null
  ended_at: string | null
  campaigns: ShelterCampaign[]
}

export const listShelters = async () => (await get<{ shelters: Shelter[] }>('/api/ops/shelters')).shelters
export const beginShelter = (place: string, days: number, budget_minor: number) =>
  attempt(`shelter.${place}`, { days, budget_minor }, (key) => post<{ id: string }>(`/api/ops/street/${place}/shelters`, { days, budget_minor }, { key }))
export const endShelter = (id: string) => post<void>(`/api/ops/shelters/${id}/endings`)
export const aimCampaign = (id: string, body: object, key: string) => post<{ id: string }>(`/api/ops/shelters/${id}/campaigns`, body, { key })

const LONGEST_TITLE = 40
const DAY_MS = 86_400_000
const FACE = 5

/** What is filled in of coupons for a sheltered shop: as much as its shelter has left, until its end. shop: its id */
export function draftFor(shelter: Shelter, shop: string, decimals: number): Partial<Draft> {
  const end = new Date(shelter.ends_at)
  const budget = Math.max(FACE, (shelter.budget_minor - shelter.cost_minor) / 10 ** decimals)
  return {
    zh: `${shelter.shop}专用券`.slice(0, LONGEST_TITLE),
    en: `Coupons at ${shelter.shop}`.slice(0, LONGEST_TITLE),
    offers: [{ ...emptyOffer(), amount: FACE }],
    shops: [shop],
    budget,
    pieces: Math.floor(budget / FACE),
    validDays: Math.max(1, Math.ceil((end.getTime() - Date.now()) / DAY_MS)),
    window: [new Date(), end],
  }
}
