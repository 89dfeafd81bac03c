/** How this person keeps their conversations: pinned, muted, hidden, marked; shown at once, and told to their other devices. */
import { patch } from '@/kit/api/client'
import type { Conversation, Mine } from '@/kit/api/types'
import { note } from '@/kit/notice'
import { wordsOf } from '@/kit/problem'
import { noteMine } from './conversations'

export type Changes = Partial<Pick<Mine, 'muted' | 'hidden' | 'marked_unread'>> & { pinned?: boolean }

/** Shows the change at once and takes it back, with the reason, when it is refused. */
export async function keepAs(conversation: Conversation, changes: Changes) {
  const before = conversation.mine
  const { pinned, ...others } = changes
  const after = { ...before, ...others }
  if (pinned !== undefined) after.pinned_at = pinned ? new Date().toISOString() : null
  noteMine(conversation.id, after)
  try {
    noteMine(conversation.id, await patch<Mine>(`/api/conversations/${conversation.id}/mine`, changes))
  } catch (refused) {
    noteMine(conversation.id, before)
    note(wordsOf(refused))
  }
}
