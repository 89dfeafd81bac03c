/** Our launches and rivals' moves as flags on a chart, each with what the chart's figure was before it and after. */
import { get, post, remove } from '@/kit/api/client'
import type { Both } from '@/kit/api/types'
import { either, locale, t } from '@/kit/i18n'
import { money, town } from '@/kit/town'
import { dayAndClock } from '@/kit/time'

export const MOVES = ['coupon', 'packet', 'fee', 'pressure', 'other'] as const
export type MoveKind = (typeof MOVES)[number]

export interface NewMove {
  rival_id: string
  kind: MoveKind
  face_minor: number | null
  threshold_minor: number | null
  burn_minor: number | null
  starts_at: string
  ends_at: string | null
  source: string
}

export interface Move extends NewMove {
  id: string
  recorded_at: string
}

export interface Answer {
  campaign_id: string
  title: Both
  drafted_at: string
  live_at: string | null
  reaction_s: number | null
}

export interface Around {
  figure: string
  before: number | null
  after: number | null
}

export interface Flag {
  whose: 'ours' | 'rival'
  at: string
  date: string
  hour: number
  days: Around[]
  hours: Around[]
  launch: { campaign_id: string; turn: string; title: Both } | null
  move: Move | null
  rival: string
  answers: Answer[]
}

export interface Calendar {
  flags: Flag[]
  days_each: number
  hours_each: number
}

/** Where a flag stands on a chart, by the place of its day or hour on the axis. */
export interface Mark {
  place: number
  name: string
  whose: Flag['whose']
}

export interface DatedHour {
  date: string
  hour: number
  scans: number
  cards_bound: number
  payments: number
  amount_minor: number
}

export const loadCalendar = (count: number, last = '') => get<Calendar>(`/api/ops/calendar?count=${count}${last && `&last=${last}`}`)
export const loadHours = async (count: number, last: string) => (await get<{ hours: DatedHour[] }>(`/api/ops/hours?count=${count}&last=${last}`)).hours
export const recordMove = (move: NewMove, key: string) => post<Move>('/api/ops/moves', move, { key })
export const voidMove = (id: string) => remove(`/api/ops/moves/${id}`)
export const answerMove = (id: string, body: object, key: string) => post<Answer>(`/api/ops/moves/${id}/answers`, body, { key })
export const CSV_OF_CALENDAR = '/api/ops/calendar.csv'
export const CSV_OF_DAYS = '/api/ops/days.csv'
export const CSV_OF_HOURS = '/api/ops/hours.csv'

/** What happened, in a few words. */
export function wordsOfFlag(flag: Flag): string {
  if (flag.launch) return `${either(flag.launch.title)} · ${t(`calendar.turn_${flag.launch.turn}`)}`
  const face = flag.move?.face_minor
  return `${flag.rival} · ${t(`calendar.move_${flag.move!.kind}`)}${face ? ` ${money(face)}` : ''}`
}

/** The flags of an axis of days: each stands at the last day, week or month that begins no later. firsts: oldest first. */
export function marksByDay(flags: Flag[], firsts: string[]): Mark[] {
  return flags.flatMap((flag) => {
    const place = firsts.findLastIndex((first) => first <= flag.date)
    return place < 0 ? [] : [markOf(flag, place)]
  })
}

/** The flags of an axis of hours. hours: oldest first, each hour once. */
export function marksByHour(flags: Flag[], hours: { date: string; hour: number }[]): Mark[] {
  return flags.flatMap((flag) => {
    const place = hours.findIndex((one) => one.date === flag.date && one.hour === flag.hour)
    return place < 0 ? [] : [markOf(flag, place)]
  })
}

const markOf = (flag: Flag, place: number): Mark => ({ place, name: `${dayAndClock(flag.at, locale.value)} ${wordsOfFlag(flag)}`, whose: flag.whose })

/** A moment by the operator's clock. */
export function byOperator(at: Date): { date: string; hour: number } {
  const parts = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', hourCycle: 'h23', timeZone: town.value.time_zone }).formatToParts(at)
  const part = (type: string) => parts.find((one) => one.type === type)!.value
  return { date: `${part('year')}-${part('month')}-${part('day')}`, hour: Number(part('hour')) }
}

/** Means of so many values before a place and from it on; the last value is not over and counts nowhere, as on the server. */
export function around(values: number[], place: number, each: number): [number | null, number | null] {
  const over = values.slice(0, -1)
  return [mean(over.slice(Math.max(0, place - each), place)), mean(over.slice(place, place + each))]
}

const mean = (values: number[]) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null)

/** The flags as a chart draws them: a broken line at their place. */
export const flagLines = (marks: Mark[]) => ({
  silent: true,
  symbol: 'none',
  animation: false,
  data: marks.map(({ place, whose }) => ({
    xAxis: place,
    lineStyle: { color: COLOURS[whose], type: 'dashed' as const, width: 1.5 },
    label: { formatter: '⚑', color: COLOURS[whose], fontSize: 15 },
  })),
})

const COLOURS = { ours: '#12a670', rival: '#e2583f' }
