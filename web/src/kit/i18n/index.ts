/** The language of the app: the browser's at first, the person's own choice from then on. */
import { computed, shallowReactive } from 'vue'
import { createI18n } from 'vue-i18n'
import type { Both, Locale } from '../api/types'
import { remember } from '../memory'
import { firstLocale, firstWords, otherWords } from './catalogue'

export const LOCALES: { locale: Locale; name: string }[] = [
  { locale: 'zh', name: '中文' },
  { locale: 'en', name: 'English' },
]

export const i18n = createI18n({ legacy: false, locale: firstLocale(), messages: {} })

const composer = i18n.global
let chosenLast = firstLocale()
/** The languages whose words are all here. */
const complete = shallowReactive(new Set<Locale>())

export const locale = computed<Locale>(() => (composer.locale.value === 'zh' ? 'zh' : 'en'))

/** Nothing, rather than the key, where the words are still on their way. */
export function t(key: string, facts: Record<string, unknown> = {}): string {
  return complete.has(locale.value) || composer.te(key) ? composer.t(key, facts) : ''
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
  // A page that has all its words goes on having them.
  if (complete.has(locale.value)) await allWords(chosen)
  await speak(chosen)
  await allWords(chosen)
}

/** Before the first page is shown. */
export const readyLocale = () => speak(chosenLast)

/** Before any other page is shown, and after the first. */
export async function allWords(chosen: Locale = chosenLast) {
  if (complete.has(chosen)) return
  const [first, others] = await Promise.all([firstWords(chosen), otherWords(chosen)])
  composer.setLocaleMessage(chosen, { ...first, ...others })
  complete.add(chosen)
}

async function speak(chosen: Locale) {
  if (!complete.has(chosen)) {
    const words = await firstWords(chosen)
    if (!complete.has(chosen)) composer.setLocaleMessage(chosen, words)
  }
  // Somebody who chooses twice means the second.
  if (chosen !== chosenLast) return
  composer.locale.value = chosen
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
}
