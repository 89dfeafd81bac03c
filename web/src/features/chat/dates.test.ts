import { describe, expect, it } from 'vitest'
import type { Message } from '@/kit/api/types'
import { firstSince } from './dates'

const START = Date.UTC(2026, 0, 1)
const at = (minute: number) => new Date(START + minute * 60_000)
const message = (seq: number): Message => ({
  conversation_id: 'c',
  seq,
  id: `m${seq}`,
  sender_id: 'p',
  kind: 'text',
  payload: {},
  fallback: '',
  at: at(seq).toISOString(),
})

describe('the first message since a time', () => {
  it('is found in as many looks as the log halves', async () => {
    for (const wanted of [1, 2, 777, 19_999, 20_000]) {
      let looks = 0
      const found = await firstSince(at(wanted), 20_000, async (after) => {
        looks += 1
        return after < 20_000 ? message(after + 1) : undefined
      })
      expect(found).toBe(wanted)
      expect(looks).toBeLessThanOrEqual(15)
    }
  })

  it('is the first of all for a time before the log, and none for one after it', async () => {
    const peek = async (after: number) => (after < 9 ? message(after + 1) : undefined)
    expect(await firstSince(at(-5), 9, peek)).toBe(1)
    expect(await firstSince(at(10), 9, peek)).toBeNull()
    expect(await firstSince(at(1), 0, peek)).toBeNull()
  })
})
