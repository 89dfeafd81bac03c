/** Shops under shelter: no fee for a while, within a budget. */
import { get, post } from '@/kit/api/client'
import { attempt } from '@/kit/attempts'

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
}

export const listShelters = async () => (await get<{ shelters: Shelter[] }>('/api/ops/shelters')).shelters
export const beginShelter = (place: string, days: number, budget_minor: number) =>
  attempt(`shelter.${place}`, { days, budget_minor }, (key) => post<{ id: string }>(`/api/ops/street/${place}/shelters`, { days, budget_minor }, { key }))
export const endShelter = (id: string) => post<void>(`/api/ops/shelters/${id}/endings`)
