/**
 * A stretch of one conversation's messages: an unbroken run of sequences.
 *
 * Sequences have no gaps, so a message that doesn't follow the last one means that something was missed; what is here
 * already is never taken twice. Most stretches end at the newest message; one that was jumped to ends earlier until it has
 * been read down to the newest.
 */
import { shallowReactive } from 'vue'
import type { Message } from '@/kit/api/types'

export interface Log {
  /** Never changed, only replaced: a list that watches each of its places costs more the longer it is. */
  messages: readonly Message[]
  /** Nothing older may be read. */
  complete: boolean
  /** The sequence after which this person may read. */
  from: number
}

export const emptyLog = (from = 0): Log => shallowReactive({ messages: [], complete: false, from })

export const newest = (log: Log) => log.messages.at(-1)?.seq ?? 0
export const oldest = (log: Log) => log.messages[0]?.seq ?? 0
export const holds = (log: Log, seq: number) => seq >= oldest(log) && seq <= newest(log)

/** Takes a message that has just arrived. "gap": pull what came between, nothing was taken. */
export function accept(log: Log, message: Message): 'added' | 'known' | 'gap' {
  const last = newest(log) || log.from
  if (message.seq <= last) return 'known'
  if (message.seq > last + 1) return 'gap'
  log.messages = [...log.messages, message]
  return 'added'
}

/** Takes a page pulled by `after`, in order; answers how many were new. */
export function append(log: Log, page: Message[]): number {
  const last = newest(log) || log.from
  const taken: Message[] = []
  for (const message of page) if (message.seq === last + taken.length + 1) taken.push(message)
  if (taken.length > 0) log.messages = [...log.messages, ...taken]
  return taken.length
}

/** Takes a page pulled by `before`; a page that reaches the first message one may read, or is empty, is the beginning. */
export function prepend(log: Log, page: Message[]) {
  const first = oldest(log)
  const older = page.filter((message) => first === 0 || message.seq < first)
  log.messages = [...older, ...log.messages]
  if (older.length === 0 || older[0]!.seq <= log.from + 1) log.complete = true
}

/** Lets messages stand as they are now: recalled, or deleted. */
export function replace(log: Log, messages: Message[]) {
  const changed = log.messages.slice()
  for (const message of messages) {
    const place = message.seq - oldest(log)
    if (changed[place]?.seq === message.seq) changed[place] = message
  }
  log.messages = changed
}

/** Pulls until the log has everything up to `head`, page after page. */
export async function fill(log: Log, head: number, pull: (after: number) => Promise<Message[]>) {
  while (newest(log) < head) {
    const page = await pull(newest(log) || log.from)
    if (append(log, page) === 0) return
  }
}

/** A stretch that was jumped to has grown down to the newest one: from then on they are one. */
export function join(earlier: Log, later: Log): boolean {
  if (earlier === later || newest(earlier) + 1 < oldest(later)) return earlier === later
  const missing = earlier.messages.filter((message) => message.seq < oldest(later))
  later.messages = [...missing, ...later.messages]
  later.complete = earlier.complete
  return true
}
