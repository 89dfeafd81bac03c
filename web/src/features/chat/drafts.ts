/**
 * What is being written in each conversation and not yet said. It stays on the device until it is; written down letter by
 * letter, since a page may be gone in the next moment.
 */
import { reactive } from 'vue'
import { forget, recall, remember } from '@/kit/memory'
import { onLeave } from '@/features/people/session'

const NAME = 'drafts'
const drafts = reactive(new Map(Object.entries(recall<Record<string, string>>(NAME, {}))))

export const draftOf = (conversation: string) => drafts.get(conversation) ?? ''

export function writeDraft(conversation: string, text: string) {
  if (text === draftOf(conversation)) return
  if (text) drafts.set(conversation, text)
  else drafts.delete(conversation)
  remember(NAME, Object.fromEntries(drafts))
}

onLeave(async () => {
  drafts.clear()
  forget(NAME)
})
