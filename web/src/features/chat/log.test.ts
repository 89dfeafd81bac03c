import { describe, expect, it } from 'vitest'
import type { Message } from '@/kit/api/types'
import { accept, append, emptyLog, fill, holds, join, newest, prepend, replace, type Log } from './log'

const message = (seq: number): Message => ({
  conversation_id: 'c',
  seq,
  id: `m${seq}`,
  sender_id: 'p',
  kind: 'text',
  payload: { text: String(seq) },
  fallback: String(seq),
  at: '2026-01-01T00:00:00Z',
})
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => message(from + index))
const seqs = (log: Log) => log.messages.map((one) => one.seq)

describe('a log of messages', () => {
  it('takes what follows and ignores what it knows', () => {
    const log = emptyLog()
    prepend(log, range(8, 10))
    expect(accept(log, message(11))).toBe('added')
    expect(accept(log, message(11))).toBe('known')
    expect(accept(log, message(9))).toBe('known')
    expect(seqs(log)).toEqual([8, 9, 10, 11])
  })

  it('takes nothing over a gap', () => {
    const log = emptyLog()
    prepend(log, range(1, 3))
    expect(accept(log, message(6))).toBe('gap')
    expect(seqs(log)).toEqual([1, 2, 3])
  })

  it('closes a gap by pulling page after page, and stands in order without doubles', async () => {
    const log = emptyLog()
    prepend(log, range(1, 3))
    const asked: number[] = []
    await fill(log, 9, async (after) => {
      asked.push(after)
      return range(after + 1, Math.min(after + 4, 9))
    })
    expect(asked).toEqual([3, 7])
    expect(seqs(log)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('survives messages that arrive while it pulls', async () => {
    const log = emptyLog()
    prepend(log, range(1, 2))
    await fill(log, 4, async (after) => {
      accept(log, message(3))
      return range(after + 1, 4)
    })
    expect(seqs(log)).toEqual([1, 2, 3, 4])
  })

  it('stops when the server has nothing more', async () => {
    const log = emptyLog()
    await fill(log, 5, async () => [])
    expect(newest(log)).toBe(0)
  })

  it('knows its beginning, and pages upwards without doubles', () => {
    const log = emptyLog()
    prepend(log, range(40, 50))
    expect(log.complete).toBe(false)
    prepend(log, range(35, 42))
    expect(seqs(log)[0]).toBe(35)
    expect(seqs(log)).toHaveLength(16)
    prepend(log, range(1, 34))
    expect(log.complete).toBe(true)
    expect(append(log, range(49, 52))).toBe(2)
  })

  it('begins where this person may read from', () => {
    const log = emptyLog(30)
    expect(accept(log, message(31))).toBe('added')
    expect(accept(log, message(33))).toBe('gap')
    const later = emptyLog(30)
    prepend(later, range(31, 40))
    expect(later.complete).toBe(true)
  })

  it('lets a message be another in its place', () => {
    const log = emptyLog()
    prepend(log, range(5, 8))
    replace(log, [{ ...message(6), kind: 'recalled' }, { ...message(2), kind: 'recalled' }])
    expect(log.messages.map((one) => one.kind)).toEqual(['text', 'recalled', 'text', 'text'])
  })

  it('joins a stretch that was jumped to once it has grown down to the newest', () => {
    const [early, late] = [emptyLog(), emptyLog()]
    prepend(early, range(10, 20))
    prepend(late, range(30, 40))
    expect(join(early, late)).toBe(false)
    append(early, range(21, 33))
    expect(join(early, late)).toBe(true)
    expect(seqs(late)).toEqual(Array.from({ length: 31 }, (_, index) => index + 10))
    expect(holds(late, 10) && !holds(late, 9)).toBe(true)
  })
})
