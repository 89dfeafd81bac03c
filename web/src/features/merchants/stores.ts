/** What a shop has when it is several: tills, stores, and codes that were printed for its owner. */
import { get, patch, post, put, remove } from '@/kit/api/client'
import type { FiguresRange, Shop, ShopCodes, Stores, Tills } from '@/kit/api/types'
import { attempt } from '@/kit/attempts'
import { recall, remember } from '@/kit/memory'

export const loadTills = (id: string, range: FiguresRange = 'today') => get<Tills>(`/api/shops/${id}/tills?range=${range}`)
export const addTill = (id: string, name: string) => attempt(`till.${id}`, { name }, (key) => post<Tills>(`/api/shops/${id}/tills`, { name }, { key }))
export const renameTill = (id: string, till: string, name: string) => patch<Tills>(`/api/shops/${id}/tills/${till}`, { name })
export const removeTill = (id: string, till: string) => remove(`/api/shops/${id}/tills/${till}`)

/** Which till this device stands at. */
export const recallTill = (id: string) => recall<string>(`till.${id}`, '')
export const rememberTill = (id: string, till: string) => remember(`till.${id}`, till)

export const loadStores = (id: string, range: FiguresRange = 'today') => get<Stores>(`/api/shops/${id}/stores?range=${range}`)
export const openStore = (id: string, branch: string, place: string) =>
  attempt(`store.${id}`, { branch, place }, (key) => post<Shop>(`/api/shops/${id}/stores`, { branch, place }, { key }))

export const joinStore = (id: string, other: string, branch: string) => put<Stores>(`/api/shops/${id}/stores/${other}`, { branch })
export const partStore = (id: string, other: string) => remove(`/api/shops/${id}/stores/${other}`)

export const loadCodes = (id: string) => get<ShopCodes>(`/api/shops/${id}/codes`)
export const turnCode = (id: string, code: string) => attempt(`turn.${id}`, { code }, (key) => post<ShopCodes>(`/api/shops/${id}/codes`, { code }, { key }))
export const turnBack = (id: string, code: string) => remove(`/api/shops/${id}/codes/${code}`)
