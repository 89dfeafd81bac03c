/** Finding the first message of a day in a log of any length: each look halves what is left, so twenty thousand take fifteen. */
import type { Message } from '@/kit/api/types'

/**
 * The sequence of the first message at or after `at`; null when every message is older.
 *
 * peek: the first message after a sequence, or undefined when there is none.
 */
export async function firstSince(at: Date, head: number, peek: (after: number) => Promise<Message | undefined>): Promise<number | null> {
  let low = 0
  let high = head + 1
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2)
    const found = await peek(middle - 1)
    if (!found) high = middle
    else if (new Date(found.at) < at) low = found.seq
    else high = middle
  }
  return high > head ? null : high
}
