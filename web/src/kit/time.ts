/** Times as a person of this device reads them, in the language of the app. */
import type { Locale } from './api/types'

const TAGS: Record<Locale, string> = { zh: 'zh-CN', en: 'en-GB' }
const formats = new Map<string, Intl.DateTimeFormat>()

export function clock(at: string | Date, locale: Locale, seconds = false): string {
  return format(locale, { hour: '2-digit', minute: '2-digit', ...(seconds && { second: '2-digit' }), hourCycle: 'h23' }, at)
}

export function day(at: string | Date, locale: Locale): string {
  const sameYear = new Date(at).getFullYear() === new Date().getFullYear()
  return format(locale, { month: locale === 'zh' ? 'numeric' : 'short', day: 'numeric', ...(!sameYear && { year: 'numeric' }) }, at)
}

export function dayAndClock(at: string | Date, locale: Locale): string {
  return `${dayWord(at, locale)} ${clock(at, locale)}`
}

/** For lists: the hour today, "yesterday", the weekday within a week, else the date. */
export function listTime(at: string, locale: Locale): string {
  return daysAgo(at) === 0 ? clock(at, locale) : dayWord(at, locale)
}

/** Between messages: "today" needs no word in front of the hour. */
export function dividerTime(at: string, locale: Locale): string {
  return daysAgo(at) === 0 ? clock(at, locale) : dayAndClock(at, locale)
}

/** Whole days until then; 0 when it is today or past. */
export function daysUntil(at: string): number {
  return Math.max(0, -daysAgo(at))
}

export function monthOf(at: string | Date, locale: Locale): string {
  return format(locale, { year: 'numeric', month: 'long' }, at)
}

function dayWord(at: string | Date, locale: Locale): string {
  const ago = daysAgo(at)
  if (ago === 0 || ago === 1) {
    const word = new Intl.RelativeTimeFormat(TAGS[locale], { numeric: 'auto' }).format(-ago, 'day')
    return locale === 'en' ? word[0]!.toUpperCase() + word.slice(1) : word
  }
  if (ago > 1 && ago < 7) return format(locale, { weekday: locale === 'zh' ? 'long' : 'short' }, at)
  return day(at, locale)
}

function daysAgo(at: string | Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return Math.round((midnight(new Date()) - midnight(new Date(at))) / 86_400_000)
}

function format(locale: Locale, options: Intl.DateTimeFormatOptions, at: string | Date): string {
  const key = locale + JSON.stringify(options)
  let found = formats.get(key)
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(TAGS[locale], options)))
  return found.format(new Date(at))
}
