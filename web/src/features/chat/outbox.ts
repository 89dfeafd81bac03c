/**
 * What the person has said and the server has not yet confirmed. It survives a reload and a lost connection; each entry
 * keeps its client id for ever, so sending it again can't say it twice.
 */
import { reactive, toRaw } from 'vue'
import type { Problem } from '@/kit/api/client'
import { newId } from '@/kit/ids'
import { tell } from '@/kit/socket'
import { onShelf } from './shelf'
import type { Unsent } from './unsent'

const ANSWER_WITHIN_MS = 12_000
const waiting = new Map<string, number>()
const unsent = reactive<Unsent[]>([])

/** What was left when the app was last closed; nothing of it is under way any more. */
export async function recallOutbox() {
  const kept = await onShelf((shelf) => shelf.outbox.toArray(), [] as Unsent[])
  const known = new Set(unsent.map((one) => one.client_id))
  const left = kept.filter((one) => !known.has(one.client_id)).map((one): Unsent => (one.state === 'sending' ? { ...one, state: 'queued' } : one))
  unsent.unshift(...left.sort((one, other) => (one.at < other.at ? -1 : 1)))
}

export const unsentIn = (conversation: string) => unsent.filter((one) => one.conversation_id === conversation)

export function say(conversation: string, kind: string, payload: Record<string, unknown>) {
  const one: Unsent = { client_id: newId(), conversation_id: conversation, kind, payload, at: new Date().toISOString(), state: 'queued' }
  unsent.push(one)
  send(unsent.at(-1)!)
}

export function sayAgain(client_id: string) {
  const found = find(client_id)
  if (found) send(found)
}

/** The writer thinks better of it. What the server may have taken already stays there. */
export function unsay(client_id: string) {
  drop(client_id)
}

/** After each reconnection: everything that was under way goes out again, in order. */
export function flush() {
  for (const one of [...unsent]) if (!one.problem) send(one)
}

/** The server has it. Answers what was said, if it was ours. */
export function confirmed(client_id: string): Unsent | null {
  return drop(client_id)
}

export function refused(client_id: string, problem: Problem) {
  const found = find(client_id)
  if (!found) return
  clearTimeout(waiting.get(client_id))
  found.state = 'failed'
  found.problem = problem
  keep(found)
}

function send(one: Unsent) {
  delete one.problem
  clearTimeout(waiting.get(one.client_id))
  const { conversation_id, client_id, kind, payload } = toRaw(one)
  if (tell({ op: 'send', conversation_id, client_id, kind, payload })) {
    one.state = 'sending'
    waiting.set(client_id, window.setTimeout(overdue, ANSWER_WITHIN_MS, client_id))
  } else {
    one.state = 'queued'
  }
  keep(one)
}

function overdue(client_id: string) {
  const found = find(client_id)
  if (!found) return
  found.state = 'failed'
  keep(found)
}

function find(client_id: string): Unsent | undefined {
  return unsent.find((one) => one.client_id === client_id)
}

function drop(client_id: string): Unsent | null {
  const index = unsent.findIndex((one) => one.client_id === client_id)
  if (index < 0) return null
  clearTimeout(waiting.get(client_id))
  const [done] = unsent.splice(index, 1)
  void onShelf((shelf) => shelf.outbox.delete(client_id), undefined)
  return done ?? null
}

function keep(one: Unsent) {
  void onShelf(async (shelf) => void (await shelf.outbox.put({ ...toRaw(one) })), undefined)
}
