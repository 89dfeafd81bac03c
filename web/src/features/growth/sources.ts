/** Where people come from, and of whom who signed up in a week came and paid since. */
import { get, post } from '@/kit/api/client'

export interface Step {
  id: string | null
  kind: 'poster' | 'promoter' | 'invitation' | null
  name: string
  code: string
  opened: number
  installed: number
  signed_up: number
  bound: number
  scanned: number
}

export interface Source {
  id: string
  name: string
  code: string
  url: string
  qr: string
}

export interface Cohort {
  week: string
  size: number
  active: number[]
  paying: number[]
}

export const STEPS = ['opened', 'installed', 'signed_up', 'bound', 'scanned'] as const

export const loadFunnel = async (count: number) => (await get<{ sources: Step[] }>(`/api/ops/sources?count=${count}`)).sources
export const csvOfFunnel = (count: number) => `/api/ops/sources.csv?count=${count}`
export const loadSource = (id: string) => get<Source>(`/api/ops/sources/${id}`)
export const makeSource = (wanted: { name: string } | { handle: string }, key: string) => post<Source>('/api/ops/sources', wanted, { key })
export const loadCohorts = async () => (await get<{ cohorts: Cohort[] }>('/api/ops/cohorts?weeks=12')).cohorts
export const CSV_OF_COHORTS = '/api/ops/cohorts.csv'
