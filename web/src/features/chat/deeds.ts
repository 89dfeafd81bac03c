/** What a person does to messages: take back, delete for oneself, pass on, report. All raise Unreachable, Refused. */
import { post } from '@/kit/api/client'
import type { Conversation, Message } from '@/kit/api/types'
import { newId } from '@/kit/ids'
import { takeDeletions, takeEdits } from './logs'
import { say } from './outbox'

const RECALLED_WITHIN_MS = 2 * 60_000

/** The server decides; this only spares the person a refusal. */
export const mayRecall = (message: Message, me: string | undefined) => message.sender_id === me && Date.now() - Date.parse(message.at) < RECALLED_WITHIN_MS

export async function recallMessage(message: Message) {
  takeEdits(message.conversation_id, [await post<Message>(`/api/conversations/${message.conversation_id}/recalls`, { seq: message.seq })])
}

export async function deleteForMe(conversation: string, seqs: number[]) {
  await post(`/api/conversations/${conversation}/deletions`, { seqs })
  takeDeletions(conversation, seqs, 0)
}

export async function clearForMe(conversation: Conversation) {
  await post(`/api/conversations/${conversation.id}/deletions`, { up_to_seq: conversation.head_seq })
  takeDeletions(conversation.id, [], conversation.head_seq)
}

/** Goes by the outbox, so it waits for a connection like anything said. */
export function forwardTo(conversation: string, message: Message) {
  say(conversation, 'forward', { conversation_id: message.conversation_id, seq: message.seq })
}

export type Reason = 'spam' | 'fraud' | 'abuse' | 'other'
export const REASONS: Reason[] = ['spam', 'fraud', 'abuse', 'other']

export const report = (conversation_id: string, seqs: number[], reason: Reason, note: string) =>
  post('/api/reports', { id: newId(), conversation_id, seqs, reason, ...(note && { note }) })
