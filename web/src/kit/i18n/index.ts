/** The language of the app: the browser's at first, the person's own choice from then on. */
import { computed } from 'vue'
import { createI18n } from 'vue-i18n'
import type { Both, Locale } from '../api/types'
import { recall, remember } from '../memory'
import en from './en'
import zh from './zh'

export const LOCALES: { locale: Locale; name: string }[] = [
  { locale: 'zh', name: '中文' },
  { locale: 'en', name: 'English' },
]

export const i18n = createI18n({
  legacy: false,
  locale: recall<Locale>('locale', browserLocale()),
  fallbackLocale: 'en',
  messages: { zh, en },
})

const composer = i18n.global

export const locale = computed<Locale>(() => (composer.locale.value === 'zh' ? 'zh' : 'en'))

export function t(key: string, facts: Record<string, unknown> = {}): string {
  return composer.t(key, facts)
}

export function hasWords(key: string): boolean {
  return composer.te(key, 'en')
}

/** A text that the server keeps in both languages. */
export function either(text: Both | string): string {
  return typeof text === 'string' ? text : text[locale.value] || text.en || text.zh
}

export function chooseLocale(chosen: Locale) {
  composer.locale.value = chosen
  remember('locale', chosen)
  showLocale()
}

export function showLocale() {
  document.documentElement.lang = locale.value === 'zh' ? 'zh-CN' : 'en'
}

function browserLocale(): Locale {
  return typeof navigator !== 'undefined' && /^zh\b/i.test(navigator.language) ? 'zh' : 'en'
}
