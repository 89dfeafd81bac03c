/**
 * What is being written in each conversation and not yet said. It is written down letter by letter, since a page may be gone
 * in the next moment, and told to the person's other devices once the letters pause.
 */
import { reactive } from 'vue'
import { patch } from '@/kit/api/client'
import type { Mine } from '@/kit/api/types'
import { forget, recall, remember } from '@/kit/memory'
import { onLeave } from '@/features/people/session'

export interface Draft {
  text: string
  reply_to: number | null
  at: string
  /** Not yet told to the server. */
  untold: boolean
}

const NAME = 'drafts'
const TOLD_AFTER_MS = 250
const EMPTY: Draft = { text: '', reply_to: null, at: '', untold: false }
const drafts = reactive(new Map(Object.entries(recall<Record<string, Draft>>(NAME, {}))))
const timers = new Map<string, number>()

export const draftOf = (conversation: string): Draft => drafts.get(conversation) ?? EMPTY

export function writeDraft(conversation: string, text: string, reply_to: number | null) {
  const before = draftOf(conversation)
  if (text === before.text && reply_to === before.reply_to) return
  keep(conversation, { text, reply_to, at: new Date().toISOString(), untold: true })
  clearTimeout(timers.get(conversation))
  timers.set(conversation, window.setTimeout(tellDraft, TOLD_AFTER_MS, conversation))
}

/** As another device left it, unless this one has written since. */
export function learnDraft(conversation: string, told: Mine['draft']) {
  const before = draftOf(conversation)
  // What is answered without a word yet is known to this device alone.
  const shared = before.text ? before.reply_to : null
  if (before.untold || ((told?.text ?? '') === before.text && (told?.reply_to ?? null) === shared)) return
  keep(conversation, { text: told?.text ?? '', reply_to: told?.reply_to ?? null, at: told?.at ?? '', untold: false })
}

/** After a reconnection: what was written without one. */
export function tellDrafts() {
  for (const [conversation, draft] of drafts) if (draft.untold) void tellDraft(conversation)
}

async function tellDraft(conversation: string) {
  timers.delete(conversation)
  const { text, reply_to, at } = draftOf(conversation)
  try {
    await patch(`/api/conversations/${conversation}/mine`, { draft: text ? { text, reply_to } : null })
    if (draftOf(conversation).at === at) keep(conversation, { text, reply_to, at, untold: false })
  } catch {
    // It is kept here, and told after the next reconnection.
  }
}

function keep(conversation: string, draft: Draft) {
  if (draft.text || draft.reply_to || draft.untold) drafts.set(conversation, draft)
  else drafts.delete(conversation)
  remember(NAME, Object.fromEntries(drafts))
}

onLeave(async () => {
  for (const timer of timers.values()) clearTimeout(timer)
  drafts.clear()
  forget(NAME)
})
