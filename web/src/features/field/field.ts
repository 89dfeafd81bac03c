/** The street: places, the codes of other wallets, wishes and the offline team. */
import { get, patch, post, put, remove } from '@/kit/api/client'
import type { Person } from '@/kit/api/types'
import { attempt } from '@/kit/attempts'
import { t } from '@/kit/i18n'
import { money } from '@/kit/town'

export interface Position {
  latitude_e6: number
  longitude_e6: number
}

/** A place as a person sees it. */
export interface Seen {
  id: string
  name: string
  trade: string
  address: string
  position: Position | null
  ours: boolean
  wished: boolean
}

export const WALLETS = ['ours', 'both', 'rival', 'none'] as const
export type Wallets = (typeof WALLETS)[number]
export const CODE_STATES = ['live', 'threatened', 'dead', 'none'] as const
export type CodeState = (typeof CODE_STATES)[number]
export type How = 'scan' | 'report'

export interface RivalCode {
  rival_id: string
  state: CodeState
  how: How
  seen_at: string
}

export interface CodeSeen extends RivalCode {
  id: string
  note: string
}

export interface Demand {
  people: number
  coupons_minor: number
}

/** A place as the operator and the team see it. */
export interface StreetPlace {
  id: string
  name: string
  trade: string
  address: string
  size: 'small' | 'chain'
  area_id: string | null
  position: Position | null
  wallets: Wallets
  codes: RivalCode[]
  demand: Demand | null
  shop: { id: string; name: string; picture: string } | null
}

/** What a plan shows of a place. */
export type Spot = Pick<StreetPlace, 'id' | 'name' | 'address' | 'position' | 'wallets' | 'demand'> & { codes: Pick<RivalCode, 'state'>[] }

export type PlaceState = 'proposed' | 'standing' | 'gone'

export interface Kept {
  place: StreetPlace
  number: string | null
  source: 'import' | 'wish' | 'neighbour'
  state: PlaceState
  /** Who goes there; null for whoever comes by. */
  promoter_id: string | null
}

export interface Rival {
  id: string
  name: string
  code_starts: string[]
}

export interface Mistake {
  line: number
  field: string
  message: string
}

export interface NewPlace {
  name: string
  trade: string
  address: string
}

/** How many asked, and with how much in coupons if any. */
export const demandWords = ({ people, coupons_minor }: Demand) =>
  coupons_minor ? t('street.demandText', { count: people, amount: money(coupons_minor) }) : t('street.demandPlain', { count: people })

const asked = (search: string, before?: string) => `search=${encodeURIComponent(search)}${before ? `&before=${before}` : ''}`

export const listStreet = (search: string, before?: string) => get<{ places: Seen[]; more: boolean }>(`/api/street?${asked(search, before)}`)
export const wish = (place: string) => post(`/api/street/${place}/wishes`)
export const wishForNew = (place: NewPlace) => attempt('wish', place, (key) => post<{ place_id: string }>('/api/street', place, { key }))
export const whoseSticker = (text: string) => post<{ rival: Rival | null }>('/api/street/stickers', { text })
export const demandOf = (shop: string) => get<{ demand: Demand | null }>(`/api/shops/${shop}/demand`)

export const listKept = (which: PlaceState, search: string, before?: string) =>
  get<{ places: Kept[]; more: boolean }>(`/api/ops/street?which=${which}&${asked(search, before)}`)
export const readIn = (csv: string) => post<{ rows: number; changed: number }>('/api/ops/street/lists', { csv }, { timeout_ms: 60_000 })
export const codesSeen = (place: string) => get<{ codes: CodeSeen[] }>(`/api/ops/street/${place}/rival-codes`)
export const linkShop = (place: string, shop_id: string | null) => put<Kept>(`/api/ops/street/${place}/shop`, { shop_id })
export const noteCode = (place: string, seen: { rival_id: string; state: CodeState; how: How; note: string }) =>
  attempt(`code.${place}`, seen, (key) => post<CodeSeen>(`/api/ops/street/${place}/rival-codes`, seen, { key }))
export const listRivals = () => get<{ rivals: Rival[] }>('/api/ops/rivals')
export const addRival = (rival: { name: string; code_starts: string[] }) => attempt('rival', rival, (key) => post<Rival>('/api/ops/rivals', rival, { key }))
export const changeRival = (id: string, rival: { name: string; code_starts: string[] }) => patch<Rival>(`/api/ops/rivals/${id}`, rival)
export const listTerritories = () => get<{ territories: { area_id: string; promoter_id: string }[] }>('/api/ops/territories')
export const giveTerritory = (area: string, promoter_id: string | null) => put(`/api/ops/territories/${area}`, { promoter_id })
export const listTeam = () => get<{ promoters: { person: Person; since: string }[] }>('/api/ops/promoters')
export const takeIn = (handle: string) => post('/api/ops/promoters', { handle })
export const assign = (place: string, promoter_id: string | null) => put<Kept>(`/api/ops/street/${place}/promoter`, { promoter_id })
export const letGo = (person: string) => remove(`/api/ops/promoters/${person}`)

/** The street as a table for a spreadsheet. */
export const csvOfStreet = (which: PlaceState) => `/api/ops/street.csv?which=${which}`
type WhatItIs = Pick<StreetPlace, 'name' | 'trade' | 'address' | 'size' | 'area_id' | 'position'>
export const changePlace = (id: string, place: WhatItIs, state: PlaceState) => put<Kept>(`/api/ops/street/${id}`, { ...place, state })

export function settle(kept: Kept, state: PlaceState): Promise<Kept> {
  const { name, trade, address, size, area_id, position } = kept.place
  return changePlace(kept.place.id, { name, trade, address, size, area_id, position }, state)
}
