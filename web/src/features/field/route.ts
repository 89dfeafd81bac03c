/** A promoter's day: where to go, and what came of being there. */
import { get } from '@/kit/api/client'
import type { Person } from '@/kit/api/types'
import type { Exactly } from '@/kit/where'
import { jot } from './bag'
import type { CodeState, Rival, StreetPlace } from './field'

export const OUTCOMES = ['back_on', 'no', 'shut', 'closed', 'not_found'] as const
export type Outcome = (typeof OUTCOMES)[number] | 'called' | 'signed_up'

/** In what a shop's code is printed. */
export const PIECES = ['a5', 'a4', 'tent', 'sticker'] as const
export type Piece = (typeof PIECES)[number]

export interface Stop {
  place: StreetPlace
  reason: 'sheltered' | 'threatened' | 'wished' | 'open'
  mine: boolean
  last: { outcome: Outcome; at: string; mine: boolean } | null
  walk_m: number | null
}

export interface Route {
  day: string
  stops: Stop[]
  more: boolean
}

export interface Visit {
  id: string
  promoter: Person | null
  outcome: Outcome
  back_on: string | null
  note: string
  away_m: number | null
  accuracy_m: number | null
  photo_id: string | null
  pieces: Piece[]
  made_at: string
  recorded_at: string
}

export interface NewVisit {
  outcome: Outcome
  back_on: string | null
  note: string
  here: Exactly | null
  codes: { rival_id: string; state: CodeState }[]
  photo: { id: string; blob: Blob } | null
  pieces: Piece[]
}

export const loadRoute = (here: Exactly | null) => get<Route>(`/api/field/route${here ? `?latitude_e6=${here.latitude_e6}&longitude_e6=${here.longitude_e6}` : ''}`)
export const loadRivals = async () => (await get<{ rivals: Rival[] }>('/api/field/rivals')).rivals
export const visitsAt = async (place: string, desk = false) => (await get<{ visits: Visit[] }>(`/api/${desk ? 'ops/street' : 'field/places'}/${place}/visits`)).visits
export const posterOf = (place: string, piece: Piece) => `/api/field/places/${place}/poster?format=${piece}`
export const photoOf = (id: string, desk = false) => `/api/${desk ? 'ops/street' : 'field'}/photos/${id}?size=screen`

/** Noted on the phone, and sent when there is a network. */
export function noteVisit(place: Pick<StreetPlace, 'id' | 'name'>, { outcome, back_on, note, here, codes, photo, pieces }: NewVisit) {
  const made_at = new Date().toISOString()
  return jot({
    method: 'POST',
    path: `/api/field/places/${place.id}/visits`,
    body: {
      outcome,
      back_on,
      note,
      position: here && { latitude_e6: here.latitude_e6, longitude_e6: here.longitude_e6 },
      accuracy_m: here?.accuracy_m ?? null,
      photo_id: photo?.id ?? null,
      pieces,
      made_at,
      codes: codes.map((code) => ({ ...code, how: 'report', note: '', seen_at: made_at })),
    },
    place_id: place.id,
    name: place.name,
    ...(photo && { photos: [{ ...photo, there: false }] }),
  })
}
