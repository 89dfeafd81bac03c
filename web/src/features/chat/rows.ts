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

/** Rows are made once for each message and found again by it, so that twenty thousand cost what the new ones cost. */
export function rowMaker(me: string) {
  const known = new WeakMap<Message, Row>()

  return (messages: Message[], unsent: Unsent[], firstUnread: number): Row[] => {
    const shown = messages.filter((message) => message.kind !== 'deleted')
    const rows = shown.map((message, index) => {
      const before = shown[index - 1]
      const timed = !before || Date.parse(message.at) - Date.parse(before.at) >= QUIET_MS
      const first = firstUnread > 0 && message.seq >= firstUnread && (before?.seq ?? 0) < firstUnread
      const found = known.get(message)
      if (found && found.timed === timed && found.firstUnread === first) return found
      const row: Row = { key: String(message.seq), message, unsent: null, mine: message.sender_id === me, timed, firstUnread: first }
      known.set(message, row)
      return row
    })
    return [...rows, ...unsent.map((one) => unsentRow(one, me))]
  }
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
