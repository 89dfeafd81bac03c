/** The town that runs this Junzi: its name, its money, and whether that money is only for trying things out. */
import { computed, ref } from 'vue'
import { get } from './api/client'
import type { Town } from './api/types'
import { locale } from './i18n'
import { recall, remember } from './memory'
import { amountParts, formatAmount, shortAmount } from './money'

export const town = ref<Town>({
  name: 'Junzi',
  demo: false,
  currency: 'CNY',
  decimals: 2,
  symbol: '¥',
  time_zone: 'Asia/Shanghai',
  public_url: '',
  map_tiles_url: '',
})

export async function loadTown() {
  town.value = await get<Town>('/api/town')
  remember('town', town.value)
}

/** The town as it was when this device last saw it; false when it never has. */
export function recallTown(): boolean {
  const seen = recall<Town | null>('town', null)
  if (seen) town.value = seen
  return seen !== null
}

export const decimals = computed(() => town.value.decimals)

/** "¥18.50" */
export function money(minor: number, signed = false): string {
  const { sign, whole, fraction } = amountParts(minor, decimals.value, signed)
  return sign + town.value.symbol + whole + (fraction ? `.${fraction}` : '')
}

/** "¥10" or "−¥2.7", for coupons and lines of text. */
export function shortMoney(minor: number): string {
  return (minor < 0 ? '−' : '') + town.value.symbol + shortAmount(Math.abs(minor), decimals.value)
}

/** "18.5 元" or "18.50 yuan", to be said aloud. */
export function spokenMoney(minor: number): string {
  const chinese = locale.value === 'zh'
  const amount = (chinese ? shortAmount(minor, decimals.value) : formatAmount(minor, decimals.value)).replace(/,/g, '')
  const unit = town.value.currency === 'CNY' ? (chinese ? '元' : 'yuan') : town.value.currency
  return `${amount} ${unit}`
}
