/**
 * The messages of one conversation as this device holds them: an unbroken run of sequences that ends at the newest known.
 *
 * Sequences have no gaps, so a message that doesn't follow the last one means that something was missed; what is here
 * already is never taken twice.
 */
import type { Message } from '@/kit/api/types'

export interface Log {
  messages: Message[]
  /** Nothing older exists. */
  complete: boolean
}

export const emptyLog = (): Log => ({ messages: [], complete: false })

export const newest = (log: Log) => log.messages.at(-1)?.seq ?? 0
export const oldest = (log: Log) => log.messages[0]?.seq ?? 0

/** Takes a message that has just arrived. "gap": pull what came between, nothing was taken. */
export function accept(log: Log, message: Message): 'added' | 'known' | 'gap' {
  const last = newest(log)
  if (message.seq <= last) return 'known'
  if (message.seq > last + 1) return 'gap'
  log.messages.push(message)
  return 'added'
}

/** Takes a page pulled by `after`, in order; answers how many were new. */
export function append(log: Log, page: Message[]): number {
  return page.filter((message) => accept(log, message) === 'added').length
}

/** Takes a page pulled by `before`; a page that reaches sequence 1, or is empty, is the beginning. */
export function prepend(log: Log, page: Message[]) {
  const first = oldest(log)
  const older = page.filter((message) => first === 0 || message.seq < first)
  log.messages.unshift(...older)
  if (older.length === 0 || older[0]!.seq === 1) log.complete = true
}

/** Pulls until the log has everything up to `head`, page after page. */
export async function fill(log: Log, head: number, pull: (after: number) => Promise<Message[]>) {
  while (newest(log) < head) {
    const page = await pull(newest(log))
    if (append(log, page) === 0) return
  }
}
