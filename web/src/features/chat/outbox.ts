/**
 * What the person has said and the server has not yet confirmed. It survives a reload and a lost connection; each entry
 * keeps its client id for ever, so sending it again can't say it twice.
 */
import { reactive } from 'vue'
import type { Problem } from '@/kit/api/client'
import { newId } from '@/kit/ids'
import { recall, remember } from '@/kit/memory'
import { tell } from '@/kit/socket'

export interface Unsent {
  client_id: string
  conversation_id: string
  text: string
  at: string
  state: 'sending' | 'failed'
  problem?: Problem
}

const ANSWER_WITHIN_MS = 12_000
const waiting = new Map<string, number>()
const outbox = reactive<{ person: string; unsent: Unsent[] }>({ person: '', unsent: [] })

export function openOutbox(person: string) {
  if (outbox.person === person) return
  outbox.person = person
  outbox.unsent = recall<Unsent[]>(`outbox.${person}`, [])
}

export const unsentIn = (conversation: string) => outbox.unsent.filter((one) => one.conversation_id === conversation)

export function say(conversation: string, text: string) {
  const client_id = newId()
  outbox.unsent.push({ client_id, conversation_id: conversation, text, at: new Date().toISOString(), state: 'sending' })
  send(outbox.unsent.at(-1)!)
}

export function sayAgain(client_id: string) {
  const found = outbox.unsent.find((one) => one.client_id === client_id)
  if (found) send(found)
}

/** After each reconnection: everything that was under way goes out again, in order. */
export function flush() {
  for (const one of outbox.unsent) if (!one.problem) send(one)
}

/** The server has it. Answers what was said, if it was ours. */
export function confirmed(client_id: string): Unsent | null {
  const index = outbox.unsent.findIndex((one) => one.client_id === client_id)
  if (index < 0) return null
  clearTimeout(waiting.get(client_id))
  const [done] = outbox.unsent.splice(index, 1)
  keep()
  return done ?? null
}

/** Our own message came back as a message before its confirmation did: it needn't be shown twice. */
export function landed(conversation: string, text: string) {
  const found = outbox.unsent.find((one) => one.conversation_id === conversation && one.text === text && one.state === 'sending')
  if (found) confirmed(found.client_id)
}

export function refused(client_id: string, problem: Problem) {
  const found = outbox.unsent.find((one) => one.client_id === client_id)
  if (!found) return
  found.state = 'failed'
  found.problem = problem
  keep()
}

function send(one: Unsent) {
  one.state = 'sending'
  delete one.problem
  clearTimeout(waiting.get(one.client_id))
  tell({ op: 'send', conversation_id: one.conversation_id, client_id: one.client_id, kind: 'text', payload: { text: one.text } })
  waiting.set(
    one.client_id,
    window.setTimeout(() => {
      one.state = 'failed'
      keep()
    }, ANSWER_WITHIN_MS),
  )
  keep()
}

function keep() {
  remember(`outbox.${outbox.person}`, outbox.unsent)
}
