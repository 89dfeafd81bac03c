/** Our codes beside each rival's, the gate, and the surveys they come from. */
import { get, post } from '@/kit/api/client'

export const COUNTS = ['codes', 'scans'] as const
export type Counts = (typeof COUNTS)[number]

export interface Ratio {
  rival_id: string
  rival: string
  survey_id: string | null
  closed_at: string | null
  ours: number
  rivals: number
  ratio: number | null
  lower: number
  design_effect: number
  seen: number
  places: number
  may_claim: boolean
  more_to_look_at: number | null
  more_to_win: number
}

/** What a survey showed when it was closed. */
export interface Past {
  date: string
  rival_id: string
  ratio: number | null
  lower: number
}

export interface Override {
  override: { reason: string; asked_by: string; agreed_by: string | null } | null
  asked_by: string
}

export interface Gate {
  open: boolean
  reason: string
  open_until: string | null
}

export interface Survey {
  id: string
  rival_id: string
  rival: string
  counts: Counts
  seed: string
  drawn_at: string
  closed_at: string | null
  drawn: number
  seen: number
}

export interface Rival {
  id: string
  name: string
}

export const loadThird = (counts: Counts) => get<{ ratios: Ratio[]; gate: Gate }>(`/api/ops/ratio?counts=${counts}`)
export const loadHistory = async (counts: Counts) => (await get<{ surveys: Past[] }>(`/api/ops/ratio/history?counts=${counts}`)).surveys
export const csvOfHistory = (counts: Counts) => `/api/ops/ratio.csv?counts=${counts}`
export const loadSurveys = async () => (await get<{ surveys: Survey[] }>('/api/ops/surveys')).surveys
export const loadRivals = async () => (await get<{ rivals: Rival[] }>('/api/ops/rivals')).rivals
export const drawSurvey = (rival_id: string, counts: Counts, places: number, key: string) => post<{ id: string }>('/api/ops/surveys', { rival_id, counts, places }, { key })
export const closeSurvey = (id: string) => post<void>(`/api/ops/surveys/${id}/closings`)
