/**
 * The messages of the conversations that were opened: first what this device has kept, then what the server adds to it.
 */
import { shallowReactive } from 'vue'
import { get } from '@/kit/api/client'
import type { Message, MessagePage } from '@/kit/api/types'
import { afterFrame } from '@/kit/screen'
import { accept, append, emptyLog, fill, newest, oldest, prepend, replace, type Log } from './log'
import { forgetMessages, keepMessages, keptMessages } from './shelf'

const PAGE = 50
/** Who was away for longer starts from the newest page instead of reading everything between. */
const CAUGHT_UP_MOST = 400

const logs = shallowReactive(new Map<string, Log>())

export const logOf = (id: string) => logs.get(id) ?? null
export const openedLogs = () => [...logs.keys()]

/** The stretch that ends at the newest message; it keeps itself up to date from then on. Raises Unreachable, Refused. */
export async function openLog(id: string, head: number, from: number): Promise<Log> {
  const known = logs.get(id)
  if (known) {
    void catchUp(id, head)
    return known
  }
  const kept = (await keptMessages(id, Infinity, PAGE)).filter((message) => message.seq > from)
  if (kept.length === 0) return reopen(id, from)
  const log = start(id, from, kept)
  void catchUp(id, head)
  return log
}

/** Takes a message that has arrived; pulls what came before it when something did. */
export function takeIntoLog(message: Message) {
  const log = logs.get(message.conversation_id)
  if (!log) return
  const taken = accept(log, message)
  if (taken === 'added') void keepMessages([message])
  if (taken === 'gap') void catchUp(message.conversation_id, message.seq)
}

/** Messages that stood in the log have become others. They change on the device too, also where no log is open. */
export function takeEdits(id: string, messages: Message[]) {
  if (messages.length === 0) return
  const log = logs.get(id)
  if (log) replace(log, messages)
  void keepMessages(messages)
}

/** This person deleted messages for themself: what they said leaves the device, their places stay. */
export function takeDeletions(id: string, seqs: number[], cleared_seq: number) {
  const log = logs.get(id)
  const gone = new Set(seqs)
  const cleared = log?.messages.filter((message) => message.seq <= cleared_seq).map((message) => message.seq) ?? []
  takeEdits(id, [...gone, ...cleared].map((seq) => deletedMessage(id, seq)))
  if (cleared_seq > 0) void forgetMessages(id, cleared_seq)
}

/** What is kept of a log is not true any more: it is read anew. */
export async function forgetLog(id: string, from: number) {
  await forgetMessages(id, Infinity)
  if (logs.has(id)) await beginAnew(id, from)
}

/** This person reads only what stands after `from`: they came back into a group, or deleted what was before. */
export async function beginAt(id: string, from: number) {
  await forgetMessages(id, from)
  const log = logs.get(id)
  if (!log || from <= log.from) return
  if (newest(log) <= from) return beginAnew(id, from)
  log.from = from
  log.messages = log.messages.filter((message) => message.seq > from)
  log.complete = true
}

export async function catchUp(id: string, head: number) {
  const log = logs.get(id)
  if (!log || head <= newest(log)) return
  try {
    if (head - newest(log) > CAUGHT_UP_MOST) await reopen(id, log.from)
    else await fill(log, head, (after) => messagesAfter(id, after))
  } catch {
    // Without a connection there is nothing to catch up with; `welcome` asks again.
  }
}

/** Raises Unreachable, Refused. */
export async function loadOlder(id: string, log: Log) {
  if (log.complete) return
  const kept = await keptMessages(id, oldest(log), PAGE)
  const follows = kept.length > 0 && kept.at(-1)!.seq === oldest(log) - 1
  const page = follows ? kept : await pull(id, `before=${oldest(log)}`)
  // What it cost to read and to keep them is one frame's work, to draw them another's.
  await afterFrame()
  prepend(log, page)
}

/** Raises Unreachable, Refused. */
export async function loadNewer(id: string, log: Log) {
  append(log, await messagesAfter(id, newest(log)))
}

/** A stretch around a message that lies far above the newest. Raises Unreachable, Refused. */
export async function stretchAround(id: string, seq: number): Promise<Log> {
  const [before, after] = await Promise.all([pull(id, `before=${seq}`, 20), pull(id, `after=${seq - 1}`)])
  const log = emptyLog(logs.get(id)?.from)
  prepend(log, [...before, ...after])
  if (before.length === 0) log.complete = true
  return log
}

/** One message, for what answers it: from what is here, else asked for; null when it can't be read. */
export async function messageAt(id: string, seq: number): Promise<Message | null> {
  const log = logs.get(id)
  const here = log?.messages[seq - oldest(log)]
  if (here?.seq === seq) return here
  const [kept] = await keptMessages(id, seq + 1, 1)
  if (kept?.seq === seq) return kept
  const [found] = await messagesAfter(id, seq - 1, 1).catch(() => [] as Message[])
  return found?.seq === seq ? found : null
}

/** The first message at or after a moment. Raises Unreachable, Refused. */
export async function messageSince(id: string, moment: Date): Promise<Message | null> {
  return (await pull(id, `since=${encodeURIComponent(moment.toISOString())}`, 1))[0] ?? null
}

export const messagesAfter = (id: string, after: number, limit = PAGE) => pull(id, `after=${after}`, limit)

/** Without a connection it is empty, and filled after the next `welcome`. */
async function beginAnew(id: string, from: number) {
  await reopen(id, from).catch(() => start(id, from, []))
}

async function reopen(id: string, from: number): Promise<Log> {
  const page = await pull(id, '')
  const log = start(id, from, page)
  if (page.length < PAGE) log.complete = true
  return log
}

function start(id: string, from: number, messages: Message[]): Log {
  const log = emptyLog(from)
  if (messages.length > 0) prepend(log, messages)
  logs.set(id, log)
  return log
}

async function pull(id: string, which: string, limit = PAGE): Promise<Message[]> {
  const { messages } = await get<MessagePage>(`/api/conversations/${id}/messages?${which}&limit=${limit}`)
  void keepMessages(messages)
  return messages
}

const deletedMessage = (conversation_id: string, seq: number): Message => ({
  conversation_id,
  seq,
  id: '',
  sender_id: null,
  kind: 'deleted',
  payload: {},
  fallback: '',
  at: new Date(0).toISOString(),
})
