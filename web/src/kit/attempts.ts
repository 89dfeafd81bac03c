/**
 * One Idempotency-Key for one attempt at something that moves money.
 *
 * The key is kept, in memory and in this tab's session storage, until the server has given a definite answer: when the
 * answer is lost on the way, or the page is reloaded, asking again is the same attempt and can't pay twice. A definite
 * refusal ends the attempt; asking for something else is another attempt.
 */
import { Refused } from './api/client'
import { newId } from './ids'
import { kept as stored } from './seat'

interface Attempt {
  key: string
  of: string
}

const kept = new Map<string, Attempt>()

export async function attempt<T>(scope: string, asked: object, send: (key: string) => Promise<T>): Promise<T> {
  const of = JSON.stringify(asked)
  const known = recall(scope)
  const current = known && known.of === of ? known : { key: newId(), of }
  keep(scope, current)
  try {
    const answer = await send(current.key)
    forget(scope)
    return answer
  } catch (error) {
    if (isDefinite(error)) forget(scope)
    throw error
  }
}

/** Whether the server said no, and nothing happened. */
export function isDefinite(error: unknown): boolean {
  return error instanceof Refused && error.problem.status < 500 && error.slug !== 'busy'
}

function recall(scope: string): Attempt | null {
  const remembered = kept.get(scope)
  if (remembered) return remembered
  try {
    return JSON.parse(sessionStorage.getItem(stored(`attempt.${scope}`)) ?? 'null') as Attempt | null
  } catch {
    return null
  }
}

function keep(scope: string, attempt: Attempt) {
  kept.set(scope, attempt)
  try {
    sessionStorage.setItem(stored(`attempt.${scope}`), JSON.stringify(attempt))
  } catch {
    // Private windows may refuse storage; the copy in memory serves until the page is left.
  }
}

function forget(scope: string) {
  kept.delete(scope)
  try {
    sessionStorage.removeItem(stored(`attempt.${scope}`))
  } catch {
    // See keep().
  }
}
