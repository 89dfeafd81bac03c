/** The words of one language, fetched when they are needed: those of the first page, and all others. And which language that is at first. */
import type { Locale } from '../api/types'
import { recall } from '../memory'

export const firstWords = async (locale: Locale) => (locale === 'zh' ? (await import('./zh_first')).default : (await import('./en_first')).default)
export const otherWords = async (locale: Locale) => (locale === 'zh' ? (await import('./zh')).default : (await import('./en')).default)

/** What the person chose on this device, or else what the browser speaks. */
export const firstLocale = () => recall<Locale>('locale', browserLocale())

function browserLocale(): Locale {
  return typeof navigator !== 'undefined' && /^zh\b/i.test(navigator.language) ? 'zh' : 'en'
}
