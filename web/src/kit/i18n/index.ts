/** The language of the app: the browser's at first, the person's own choice from then on. */
import { computed } from 'vue'
import { createI18n } from 'vue-i18n'
import type { Both, Locale } from '../api/types'
import { remember } from '../memory'
import { catalogue, firstLocale } from './catalogue'

export const LOCALES: { locale: Locale; name: string }[] = [
  { locale: 'zh', name: '中文' },
  { locale: 'en', name: 'English' },
]

export const i18n = createI18n({ legacy: false, locale: firstLocale(), messages: {} })

const composer = i18n.global
let chosenLast = firstLocale()

export const locale = computed<Locale>(() => (composer.locale.value === 'zh' ? 'zh' : 'en'))

export function t(key: string, facts: Record<string, unknown> = {}): string {
  return composer.t(key, facts)
}

export function hasWords(key: string): boolean {
  return composer.te(key)
}

/** A text that the server keeps in both languages. */
export function either(text: Both | string): string {
  return typeof text === 'string' ? text : text[locale.value] || text.en || text.zh
}

/** The app speaks it as soon as its words are here; what it spoke before until then. */
export async function chooseLocale(chosen: Locale) {
  chosenLast = chosen
  remember('locale', chosen)
  await speak(chosen)
}

/** Before the first page is shown. */
export const readyLocale = () => speak(chosenLast)

async function speak(chosen: Locale) {
  composer.setLocaleMessage(chosen, await catalogue(chosen))
  // Somebody who chooses twice means the second.
  if (chosen !== chosenLast) return
  composer.locale.value = chosen
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
}
