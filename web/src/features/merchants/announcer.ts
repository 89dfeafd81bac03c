/**
 * Announces every payment of a shop once and in order.
 *
 * The shop's conversation is the truth: its sequences have no gaps, so a payment that doesn't follow the last one makes
 * the announcer pull what came between. What has been said is remembered on this device; after a break, or when the page
 * is opened again, what came meanwhile is said too. Only what is long past is put into one sentence.
 */
import { factsOf, type Message } from '@/kit/api/types'

export interface Parts {
  pull: (after: number) => Promise<Message[]>
  head: () => Promise<number>
  words: (amount_minor: number) => string
  summary: (count: number, amount_minor: number) => string
  show: (text: string) => void
  say: (text: string) => Promise<void>
  recall: () => number | null
  keep: (seq: number) => void
  now: () => number
}

interface Announcement {
  seq: number
  text: string | null
}

const LONG_PAST_MS = 30 * 60_000

export function createAnnouncer(parts: Parts) {
  const queue: Announcement[] = []
  let last: number | null = null
  let saying = false
  let pulling: Promise<void> | null = null
  let pullAgain = false

  /** Begins after what this device said last; on its first day, after what there is already. */
  async function start() {
    const said = parts.recall()
    last = said ?? (await parts.head())
    if (said === null) parts.keep(last)
    await catchUp()
  }

  function hear(message: Message) {
    if (last === null || message.seq <= last) return
    if (message.seq === last + 1) put([message])
    else void catchUp().catch(() => undefined)
  }

  function catchUp(): Promise<void> {
    if (last === null) return Promise.resolve()
    if (pulling) {
      pullAgain = true
      return pulling
    }
    pulling = pullAll().finally(() => {
      pulling = null
    })
    return pulling
  }

  async function pullAll() {
    do {
      pullAgain = false
      const missed: Message[] = []
      let after = last!
      for (;;) {
        const page = await parts.pull(after)
        if (page.length === 0) break
        missed.push(...page)
        after = page.at(-1)!.seq
      }
      put(missed)
    } while (pullAgain)
  }

  function put(messages: Message[]) {
    const fresh = messages.filter((message) => {
      if (message.seq !== last! + 1) return false
      last = message.seq
      return true
    })
    const past = fresh.filter((message) => parts.now() - Date.parse(message.at) > LONG_PAST_MS)
    const recent = fresh.slice(past.length)
    const announcements = [...(past.length > 1 ? [summarise(past)] : past.map(single)), ...recent.map(single)]
    for (const announcement of announcements) if (announcement.text) parts.show(announcement.text)
    queue.push(...announcements)
    void sayAll()
  }

  function single(message: Message): Announcement {
    const received = factsOf(message, 'payment.received')
    return { seq: message.seq, text: received ? parts.words(received.amount_minor) : null }
  }

  function summarise(messages: Message[]): Announcement {
    const received = messages.map((message) => factsOf(message, 'payment.received')).filter((facts) => facts !== null)
    const total = received.reduce((sum, facts) => sum + facts.amount_minor, 0)
    return { seq: messages.at(-1)!.seq, text: received.length ? parts.summary(received.length, total) : null }
  }

  async function sayAll() {
    if (saying) return
    saying = true
    for (let next = queue.shift(); next; next = queue.shift()) {
      if (next.text) await parts.say(next.text).catch(() => undefined)
      parts.keep(next.seq)
    }
    saying = false
  }

  return { start, hear, catchUp }
}
