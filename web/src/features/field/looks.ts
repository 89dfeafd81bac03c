/** Where a promoter is to look for a survey, and what they saw there. */
import { get, put } from '@/kit/api/client'

export interface ToLookAt {
  survey_id: string
  counts: 'codes' | 'scans'
  rival: string
  place_id: string
  name: string
  address: string
}

export const loadLooks = async () => (await get<{ places: ToLookAt[] }>('/api/field/looks')).places
export const sendLook = (place: ToLookAt, ours: number, rivals: number, gone: boolean) =>
  put<void>(`/api/field/surveys/${place.survey_id}/places/${place.place_id}`, { ours, rivals, gone })
export const amPromoter = async () => (await get<{ promoter: boolean }>('/api/field/me')).promoter
