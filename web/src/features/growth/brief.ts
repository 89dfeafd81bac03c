/** The morning brief in words and links. */
import { get } from '@/kit/api/client'
import type { Brief, BriefFlag } from '@/kit/api/types'
import { either, t } from '@/kit/i18n'
import { money } from '@/kit/town'

type Incident = NonNullable<Brief['incidents']>[number]

export const loadBrief = (date: string) => get<Brief>(`/api/ops/briefs/${date}`)

export function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}

const OPENINGS = ['opened', 'installed']

export function nameOfFigure(figure: string): string {
  if (OPENINGS.includes(figure)) return t(`sources.${figure}`)
  return t(figure === 'coupons_redeemed_minor' ? 'brief.coupons_redeemed_minor' : `calendar.figure_${figure}`)
}

export const valueOfFigure = (figure: string, value: number) => (figure.endsWith('_minor') ? money(value) : new Intl.NumberFormat('en').format(value))
export const percentOf = (part: number) => `${part > 0 ? '+' : part < 0 ? '−' : ''}${Math.abs(part * 100).toFixed(0)}%`

/** Where a figure comes from: its chart up to that day. */
export function linkOfFigure(figure: string, date: string): string {
  if (OPENINGS.includes(figure)) return '/ops/sources'
  return figure === 'coupons_redeemed_minor' ? '/ops/people' : `/ops/calendar?figure=${figure}&day=${date}`
}

export const wordsOfSince = (flag: BriefFlag) =>
  flag.whose === 'ours' ? `${either(flag.title!)} · ${t(`calendar.turn_${flag.what}`)}` : `${flag.rival} · ${t(`calendar.move_${flag.what}`)}`

const LINKS: Record<string, string> = {
  events_wait: '/ops', work_fails: '/ops', promoter_late: '/ops/street', survey_old: '/ops/third', books_differ: '/ops/ledger', books_unchecked: '/ops/ledger', reports_open: '/ops/reports',
}

export const linkOfIncident = (one: Incident) => (one.kind === 'campaign_paused' ? `/ops/campaigns?open=${one.subject_id}` : (LINKS[one.kind] ?? '/ops'))
export const wordsOfIncident = (one: Incident) => t(`brief.incident_${one.kind}`, { count: one.count, name: one.title ? either(one.title) : one.name })
