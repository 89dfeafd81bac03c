/**
 * What the socket tells of a conversation makes of it what the server would show. A frame says only what happened; what
 * follows from it stands in docs/protocol.md. Told once more, it changes nothing.
 */
import type { Conversation, Message } from '@/kit/api/types'

/** A message stands in the log; false when the list knew. */
export function takeNews(conversation: Conversation, message: Message, me: string): boolean {
  const { seq, sender_id, at } = message
  if (seq <= conversation.head_seq) return false
  conversation.head_seq = seq
  conversation.last = message
  conversation.changed_at = at
  conversation.mine.hidden = false
  if (sender_id === me) {
    readUpTo(conversation, seq)
    return true
  }
  // Whoever writes has read what came before.
  if (conversation.peer && sender_id === conversation.peer.id) conversation.peer_read_seq = seq
  if (conversation.group && calls(message, me)) conversation.mentioned_seq = seq
  conversation.unread = Math.max(0, seq - conversation.read_seq)
  return true
}

/** Somebody has read up to a message: this person, perhaps on another device, or the other one of the two. */
export function takeReading(conversation: Conversation, person: string, seq: number, me: string) {
  if (person === me) readUpTo(conversation, seq)
  else if (conversation.peer) conversation.peer_read_seq = Math.max(conversation.peer_read_seq ?? 0, seq)
}

/** Unread is arithmetic over sequences, and reading never goes back. */
export function readUpTo(conversation: Conversation, seq: number) {
  conversation.read_seq = Math.max(conversation.read_seq, seq)
  conversation.unread = Math.max(0, conversation.head_seq - conversation.read_seq)
  if ((conversation.mentioned_seq ?? 0) <= conversation.read_seq) conversation.mentioned_seq = null
}

function calls({ payload }: Message, me: string): boolean {
  return payload['mention_all'] === true || (Array.isArray(payload['mentions']) && payload['mentions'].includes(me))
}
