/** The town's areas, as the operator drew them: asked for once, by whoever first names one. */
import { ref } from 'vue'
import { get, patch, post } from '@/kit/api/client'
import type { Both } from '@/kit/api/types'
import { attempt } from '@/kit/attempts'
import { either, t } from '@/kit/i18n'

export interface Area {
  id: string
  name: { zh: string; en: string }
}

export const areas = ref<Area[]>([])
let asked: Promise<void> | null = null

export function loadAreas(again = false): Promise<void> {
  if (again) asked = null
  asked ??= get<{ areas: Area[] }>('/api/areas')
    .then((answer) => void (areas.value = answer.areas))
    .catch(() => void (asked = null))
  return asked
}

/** What these areas are called; while that is not known, that there are some. */
export function areaNames(ids: string[]): string {
  const named = areas.value.filter((area) => ids.includes(area.id))
  return named.length ? named.map((area) => either(area.name)).join(' · ') : t('coupons.someAreas')
}

export const drawArea = (name: Both) => attempt('area', name, (key) => post<Area>('/api/ops/areas', name, { key }))
export const renameArea = (id: string, name: Both) => patch<Area>(`/api/ops/areas/${id}`, name)
export const putInArea = (shop: string, area_id: string | null) => patch(`/api/ops/shops/${shop}`, { area_id })
