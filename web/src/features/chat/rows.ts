/** What a conversation shows, one row a message: those that stand in the log, then those that are on their way. */
import type { Message } from '@/kit/api/types'
import type { Unsent } from './unsent'

const QUIET_MS = 5 * 60_000

export interface Row {
  key: string
  message: Message
  unsent: Unsent | null
  mine: boolean
  /** After a quiet while, the time of this message stands above it. */
  timed: boolean
  /** The first message that was unread when the conversation was opened. */
  firstUnread: boolean
}

/** Rows are made once for each message and found again by it, so that twenty thousand cost little more than the new ones. */
export function rowMaker(me: string) {
  const known = new WeakMap<Message, { row: Row; before: Message | undefined }>()

  return (messages: readonly Message[], unsent: Unsent[], firstUnread: number): Row[] => {
    const rows: Row[] = []
    let before: Message | undefined
    for (const message of messages) {
      if (message.kind === 'deleted') continue
      const first = firstUnread > 0 && message.seq >= firstUnread && (before?.seq ?? 0) < firstUnread
      const found = known.get(message)
      if (found && found.before === before && found.row.firstUnread === first) {
        rows.push(found.row)
      } else {
        const timed = !before || Date.parse(message.at) - Date.parse(before.at) >= QUIET_MS
        // Where nothing about it has changed, it stays the same thing, and what is drawn of it stands.
        const row = found && found.row.timed === timed && found.row.firstUnread === first ? found.row : rowOf(message, me, timed, first)
        known.set(message, { row, before })
        rows.push(row)
      }
      before = message
    }
    return [...rows, ...unsent.map((one) => unsentRow(one, me))]
  }
}

function rowOf(message: Message, me: string, timed: boolean, firstUnread: boolean): Row {
  return { key: String(message.seq), message, unsent: null, mine: message.sender_id === me, timed, firstUnread }
}

function unsentRow(one: Unsent, me: string): Row {
  const message: Message = {
    conversation_id: one.conversation_id,
    seq: 0,
    id: one.client_id,
    sender_id: me,
    kind: one.kind,
    payload: one.payload,
    fallback: '',
    at: one.at,
  }
  return { key: one.client_id, message, unsent: one, mine: true, timed: false, firstUnread: false }
}
