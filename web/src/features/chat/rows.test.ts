import { describe, expect, it } from 'vitest'
import type { Message } from '@/kit/api/types'
import { rowMaker } from './rows'
import type { Unsent } from './unsent'

const message = (seq: number, minute: number): Message => ({
  conversation_id: 'c',
  seq,
  id: `m${seq}`,
  sender_id: seq % 2 ? 'me' : 'other',
  kind: 'text',
  payload: { text: String(seq) },
  fallback: String(seq),
  at: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
})
const unsent: Unsent = { client_id: 'u', conversation_id: 'c', kind: 'text', payload: { text: 'soon' }, at: '2026-01-01T01:00:00Z', state: 'queued' }

describe('the rows of a conversation', () => {
  it('show the time after five quiet minutes, and mark the first unread one', () => {
    const rows = rowMaker('me')([message(1, 0), message(2, 4), message(3, 9)], [], 3)
    expect(rows.map((row) => row.timed)).toEqual([true, false, true])
    expect(rows.map((row) => row.firstUnread)).toEqual([false, false, true])
    expect(rows.map((row) => row.mine)).toEqual([true, false, true])
  })

  it('leave out what this person deleted', () => {
    const rows = rowMaker('me')([message(1, 0), { ...message(2, 1), kind: 'deleted' }, message(3, 2)], [], 2)
    expect(rows.map((row) => row.message.seq)).toEqual([1, 3])
    expect(rows[1]!.firstUnread).toBe(true)
  })

  it('end with what is on its way', () => {
    const rows = rowMaker('me')([message(1, 0)], [unsent], 0)
    expect(rows.map((row) => row.key)).toEqual(['1', 'u'])
    expect(rows[1]!.unsent).toBe(unsent)
  })

  it('stay the same things while nothing about them changes', () => {
    const make = rowMaker('me')
    const messages = [message(5, 0), message(6, 1)]
    const before = make(messages, [], 0)
    const after = make([message(4, 0), ...messages], [], 0)
    expect(after[2]).toBe(before[1])
    expect(after[1]!.timed).toBe(false)
  })

  it('show the time again once what stood before them is gone', () => {
    const make = rowMaker('me')
    const [first, second] = [message(1, 0), message(2, 1)]
    expect(make([first, second], [], 0).map((row) => row.timed)).toEqual([true, false])
    expect(make([{ ...first, kind: 'deleted' }, second], [], 0).map((row) => row.timed)).toEqual([true])
  })
})
