/** Who is writing where, as far as one is told. */
import { reactive } from 'vue'
import { tell } from '@/kit/socket'

const FORGOTTEN_AFTER_MS = 5000
const TOLD_EVERY_MS = 2500
const writing = reactive(new Map<string, Set<string>>())
const timers = new Map<string, number>()
let toldAt = 0

export const writersIn = (conversation: string): string[] => [...(writing.get(conversation) ?? [])]

export function noteTyping(conversation: string, person: string) {
  const writers = writing.get(conversation) ?? new Set<string>()
  writing.set(conversation, new Set([...writers, person]))
  const timer = `${conversation} ${person}`
  clearTimeout(timers.get(timer))
  timers.set(timer, window.setTimeout(stopped, FORGOTTEN_AFTER_MS, conversation, person))
}

/** Time has passed, or the message is there. */
export function stopped(conversation: string, person: string) {
  clearTimeout(timers.get(`${conversation} ${person}`))
  const writers = writing.get(conversation)
  if (!writers?.has(person)) return
  writing.set(conversation, new Set([...writers].filter((one) => one !== person)))
}

export function tellTyping(conversation: string) {
  if (Date.now() - toldAt < TOLD_EVERY_MS) return
  toldAt = Date.now()
  tell({ op: 'typing', conversation_id: conversation })
}
