/** Refusals in words: what was refused and what the person can do about it, in the language of the app. */
import { Refused, Unreachable, type Problem } from './api/client'
import { hasWords, locale, t } from './i18n'
import { clock, dayAndClock } from './time'
import { money } from './town'

export function wordsOf(error: unknown): string {
  if (error instanceof Refused) return wordsOfProblem(error.slug, error.problem)
  if (error instanceof Unreachable) return t('problem.unreachable')
  return t('problem.internal-error')
}

export function wordsOfProblem(slug: string, problem: Problem): string {
  const key = `problem.${slug}`
  if (!hasWords(key)) return problem.detail || problem.title || t('problem.internal-error')
  return t(key, factsOf(problem)).trim()
}

/** Why a bank, a card or a coupon said no. The reason is the bank's own word when we have none for it. */
export function reasonWords(reason: string | null | undefined): string {
  if (!reason) return t('reason.unknown')
  return hasWords(`reason.${reason}`) ? t(`reason.${reason}`) : reason
}

function factsOf(problem: Problem): Record<string, unknown> {
  const facts: Record<string, unknown> = { ...problem }
  for (const name of ['retry_at', 'until']) {
    const at = problem[name]
    if (typeof at === 'string') facts[name] = isSoon(at) ? clock(at, locale.value) : dayAndClock(at, locale.value)
  }
  for (const name of ['balance', 'left', 'least']) {
    const amount = problem[`${name}_minor`]
    if (typeof amount === 'number') facts[name] = money(amount)
  }
  if ('reason' in problem) facts['reason'] = reasonWords(problem['reason'] as string | null)
  const errors = problem['errors']
  facts['errors'] = Array.isArray(errors)
    ? errors.map((error: { field?: string; message?: string }) => fieldWords(error.field, error.message)).join(' ')
    : ''
  return facts
}

function fieldWords(field = '', message = ''): string {
  const name = hasWords(`field.${field}`) ? t(`field.${field}`) : field
  // The server's own sentence is English; a reader of another language gets the name of the field alone.
  if (locale.value !== 'en' && name && name !== field) return name
  return name ? `${name}: ${message}` : message
}

function isSoon(at: string): boolean {
  return Math.abs(new Date(at).getTime() - Date.now()) < 12 * 3_600_000
}
