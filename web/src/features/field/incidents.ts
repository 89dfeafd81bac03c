/** What was said to a shop: its people record it, on a phone without a network too; the operator reads what the owner hands over. */
import { get, post, Refused } from '@/kit/api/client'
import type { Person } from '@/kit/api/types'
import { jot, keep, kept } from './bag'
import type { Rival } from './field'

export interface Entry {
  kind: 'added' | 'withdrawn' | 'handed_over'
  text: string
  photo_ids: string[]
  by: Person | null
  written_at: string
}

export interface Incident {
  id: string
  rival: string | null
  words: string
  account: string
  speaker: string
  spot: string
  happened_at: string
  photo_ids: string[]
  recorded_by: Person | null
  recorded_at: string
  entries: Entry[]
}

export interface HandedOver {
  incident: Incident
  shop: { id: string; name: string; picture: string }
  place_id: string | null
}

export interface Incidents {
  incidents: Incident[]
  more: boolean
  rivals: Rival[]
}

/** A photo that was taken and not sent. address: where this page shows it from */
export interface Taken {
  id: string
  blob: Blob
  address: string
}

export interface Said {
  words: string
  account: string
  speaker: string
  spot: string
  rival_id: string | null
  happened_at: string
}

const pathOf = (shop: string) => `/api/shops/${shop}/incidents`

/** Where there is no network, the first page as it was heard last. */
export async function loadIncidents(shop: string, before?: string): Promise<Incidents> {
  try {
    const page = await get<Incidents>(`${pathOf(shop)}${before ? `?before=${before}` : ''}`)
    if (!before) await keep(`incidents.${shop}`, page)
    return page
  } catch (error) {
    const heard = before || error instanceof Refused ? null : await kept<Incidents>(`incidents.${shop}`)
    if (!heard) throw error
    return heard
  }
}

/** Noted on the phone, and sent when there is a network. */
export const record = (shop: string, said: Said, photos: Taken[]) => write(shop, pathOf(shop), { ...said }, said.words || said.account, photos)
export const addTo = (shop: string, incident: string, text: string, photos: Taken[]) => write(shop, `${pathOf(shop)}/${incident}/entries`, { text }, text, photos)
export const withdraw = (shop: string, incident: string) => post<Incident>(`${pathOf(shop)}/${incident}/withdrawals`)
export const handOver = (shop: string, incident: string) => post<Incident>(`${pathOf(shop)}/${incident}/handovers`)
export const photoIn = (shop: string) => (id: string) => `${pathOf(shop)}/photos/${id}?size=screen`

export const loadHandedOver = (place?: string, before?: string) => {
  const asked = new URLSearchParams({ ...(place && { place }), ...(before && { before }) })
  return get<{ incidents: HandedOver[]; more: boolean }>(`/api/ops/incidents?${asked}`)
}
export const photoAtDesk = (id: string) => `/api/ops/incidents/photos/${id}?size=screen`

const LONGEST_NAME = 40
const write = (shop: string, path: string, body: object, name: string, photos: Taken[]) =>
  jot({
    method: 'POST',
    path,
    body: { ...body, photo_ids: photos.map((photo) => photo.id) },
    place_id: shop,
    name: name.slice(0, LONGEST_NAME),
    photos: photos.map(({ id, blob }) => ({ id, blob, there: false })),
  })
