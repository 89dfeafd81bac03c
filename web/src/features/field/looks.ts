/** Where a promoter is to look for a survey, and what they saw there. */
import { get, Refused } from '@/kit/api/client'
import { jot, keep, kept, notes } from './bag'

export interface ToLookAt {
  survey_id: string
  counts: 'codes' | 'scans'
  rival: string
  place_id: string
  name: string
  address: string
}

const pathOf = (place: ToLookAt) => `/api/field/surveys/${place.survey_id}/places/${place.place_id}`

/** Where there is no network, what was heard last; without what was seen since and waits to be sent. */
export async function loadLooks(): Promise<ToLookAt[]> {
  let places: ToLookAt[]
  try {
    places = (await get<{ places: ToLookAt[] }>('/api/field/looks')).places
    await keep('looks', places)
  } catch (error) {
    const before = error instanceof Refused ? null : await kept<ToLookAt[]>('looks')
    if (!before) throw error
    places = before
  }
  const seen = new Set(notes.filter((note) => !note.problem).map((note) => note.path))
  return places.filter((place) => !seen.has(pathOf(place)))
}

export const sendLook = (place: ToLookAt, ours: number, rivals: number, gone: boolean) =>
  jot({ method: 'PUT', path: pathOf(place), body: { ours, rivals, gone }, place_id: place.place_id, name: place.name })
export const amPromoter = async () => (await get<{ promoter: boolean }>('/api/field/me')).promoter
