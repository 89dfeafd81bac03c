import { describe, expect, it } from 'vitest'
import type { Message } from '@/kit/api/types'
import { createAnnouncer } from './announcer'

const NOW = Date.parse('2026-01-01T12:00:00Z')

function payment(seq: number, minutesAgo = 0): Message {
  return {
    conversation_id: 'shop',
    seq,
    id: `m${seq}`,
    sender_id: null,
    kind: 'payment.received',
    payload: { amount_minor: seq * 100 },
    fallback: '',
    at: new Date(NOW - minutesAgo * 60_000).toISOString(),
  }
}

function shop(log: Message[], remembered: number | null, say?: (text: string) => Promise<void>) {
  const said: string[] = []
  const shown: string[] = []
  const kept: number[] = []
  const announcer = createAnnouncer({
    pull: async (after) => log.filter((message) => message.seq > after).slice(0, 2),
    head: async () => log.at(-1)?.seq ?? 0,
    words: (minor) => String(minor / 100),
    summary: (count, minor) => `${count} for ${minor / 100}`,
    show: (text) => shown.push(text),
    say: async (text) => {
      await say?.(text)
      said.push(text)
    },
    recall: () => remembered,
    keep: (seq) => kept.push(seq),
    now: () => NOW,
  })
  return { announcer, said, shown, kept }
}

const turns = async (count = 20) => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve()
}

describe('the announcer', () => {
  it('says nothing of what was there before its first day', async () => {
    const { announcer, said, kept } = shop([payment(1), payment(2)], null)
    await announcer.start()
    expect(said).toEqual([])
    expect(kept).toEqual([2])
  })

  it('says each payment once and in order, and what is heard twice once', async () => {
    const { announcer, said, shown } = shop([], 0)
    await announcer.start()
    for (const seq of [1, 2, 2, 3, 1]) announcer.hear(payment(seq))
    await turns()
    expect(said).toEqual(['1', '2', '3'])
    expect(shown).toEqual(['1', '2', '3'])
  })

  it('pulls what is missing when a payment does not follow the last one', async () => {
    const log = [payment(1), payment(2), payment(3), payment(4), payment(5)]
    const { announcer, said } = shop(log, 1)
    log.splice(1)
    await announcer.start()
    log.push(payment(2), payment(3), payment(4), payment(5))
    announcer.hear(payment(5))
    await announcer.catchUp()
    await turns()
    expect(said).toEqual(['2', '3', '4', '5'])
  })

  it('says after a break what came meanwhile, even when live payments arrive while it pulls', async () => {
    const log = [payment(1), payment(2), payment(3)]
    const { announcer, said } = shop(log, 1)
    const started = announcer.start()
    await Promise.resolve()
    announcer.hear(payment(2))
    announcer.hear(payment(4))
    log.push(payment(4))
    await started
    await turns()
    expect(said).toEqual(['2', '3', '4'])
  })

  it('queues while it is speaking, and remembers only what has been said', async () => {
    let finish = () => {}
    const speaking = () => new Promise<void>((resolve) => (finish = resolve))
    const { announcer, said, shown, kept } = shop([], 0, speaking)
    await announcer.start()
    for (const seq of [1, 2, 3]) announcer.hear(payment(seq))
    await turns()
    expect(shown).toEqual(['1', '2', '3'])
    expect(said).toEqual([])
    expect(kept).toEqual([])
    for (const expected of [1, 2, 3]) {
      finish()
      await turns()
      expect(kept.at(-1)).toBe(expected)
    }
    expect(said).toEqual(['1', '2', '3'])
  })

  it('goes on when speaking fails', async () => {
    const { announcer, kept } = shop([], 0, async (text) => {
      if (text === '1') throw new Error('no voice')
    })
    await announcer.start()
    announcer.hear(payment(1))
    announcer.hear(payment(2))
    await turns()
    expect(kept).toEqual([1, 2])
  })

  it('puts what is long past into one sentence, and says the rest one by one', async () => {
    const { announcer, said, kept } = shop([payment(1, 300), payment(2, 200), payment(3, 100), payment(4, 1)], 0)
    await announcer.start()
    await turns()
    expect(said).toEqual(['3 for 6', '4'])
    expect(kept).toEqual([3, 4])
  })
})
