/** A shop that is being opened: kept on this device, so that going back, binding a card at the bank or a dead battery loses nothing. */
import { ref, watch } from 'vue'
import type { Trade } from '@/kit/api/types'
import { recall, remember } from '@/kit/memory'
import { me } from '@/features/people/session'
import { PICTURES } from './pictures'

export interface Draft {
  name: string
  trade: Trade
  place: string
  picture: string
  /** The id of an uploaded photo; none chosen. */
  photo: string
  area: string
  /** The card that its money is to go to; none chosen yet. */
  card: string
}

const empty = (): Draft => ({ name: '', trade: 'noodles', place: '', picture: PICTURES.noodles[0]!, photo: '', area: '', card: '' })

export function useDraft() {
  const name = `newShop.${me.value?.id ?? ''}`
  const draft = ref<Draft>({ ...empty(), ...recall<Partial<Draft>>(name, {}) })
  watch(draft, (now) => remember(name, now), { deep: true })
  return { draft, forget: () => remember(name, empty()) }
}
