/**
 * The person's conversations on this device: the list, the messages of those that were opened, and what arrives live.
 *
 * A push is a hint. `welcome` and `changed` pull the list from where the cursor stands; a message that doesn't follow the
 * last one makes its log pull what is missing.
 */
import { computed, reactive, shallowReactive, watch } from 'vue'
import { get, post } from '@/kit/api/client'
import type { Conversation, ConversationPage, Message, MessagePage } from '@/kit/api/types'
import { listen, tell, type Incoming } from '@/kit/socket'
import { me } from '@/features/people/session'
import { accept, emptyLog, fill, newest, oldest, prepend, type Log } from './log'
import { confirmed, flush, landed, openOutbox, refused } from './outbox'

const PAGE = 50
const state = reactive<{ known: Map<string, Conversation>; loaded: boolean; error: unknown }>({
  known: new Map(),
  loaded: false,
  error: null,
})
const logs = shallowReactive(new Map<string, Log>())
const hearers = new Set<(message: Message) => void>()
let cursor = 0
let pulling: Promise<void> | null = null
let pullAgain = false

export const loaded = computed(() => state.loaded)
export const loadError = computed(() => state.error)
export const conversations = computed(() =>
  [...state.known.values()].sort((one, other) => (one.changed_at < other.changed_at ? 1 : one.changed_at > other.changed_at ? -1 : 0)),
)
export const unreadTotal = computed(() => conversations.value.reduce((sum, one) => sum + one.unread, 0))

export const conversationOf = (id: string) => state.known.get(id) ?? null
export const logOf = (id: string) => logs.get(id) ?? null

/** Hears every message as it arrives or is pulled after a break; used by pages that stay open. */
export function hear(hearer: (message: Message) => void): () => void {
  hearers.add(hearer)
  return () => hearers.delete(hearer)
}

/** Pulls what changed since the cursor. Several calls at once become one more pull. */
export function pullConversations(): Promise<void> {
  if (pulling) {
    pullAgain = true
    return pulling
  }
  pulling = pull().finally(() => {
    pulling = null
    if (pullAgain) {
      pullAgain = false
      void pullConversations()
    }
  })
  return pulling
}

export async function openWith(person_id: string): Promise<string> {
  const conversation = await post<Conversation>('/api/conversations', { person_id })
  state.known.set(conversation.id, conversation)
  return conversation.id
}

/** Opens the newest page of a conversation; afterwards the log keeps itself up to date. */
export async function openLog(id: string): Promise<Log> {
  const known = logs.get(id)
  if (known) {
    const head = state.known.get(id)?.head_seq ?? 0
    if (head > newest(known)) await catchUp(id, head)
    return known
  }
  const page = await get<MessagePage>(`/api/conversations/${id}/messages?limit=${PAGE}`)
  const log = reactive(emptyLog()) as Log
  prepend(log, page.messages)
  if (page.messages.length < PAGE) log.complete = true
  logs.set(id, log)
  return log
}

export async function loadOlder(id: string) {
  const log = logs.get(id)
  if (!log || log.complete) return
  const page = await get<MessagePage>(`/api/conversations/${id}/messages?before=${oldest(log)}&limit=${PAGE}`)
  prepend(log, page.messages)
}

/** The person has seen everything up to the newest message of this conversation. */
export function markRead(id: string) {
  const conversation = state.known.get(id)
  const log = logs.get(id)
  if (!conversation || !log) return
  const seq = newest(log)
  if (seq <= conversation.read_seq && conversation.unread === 0) return
  if (!tell({ op: 'read', conversation_id: id, seq })) return
  conversation.read_seq = Math.max(conversation.read_seq, seq)
  conversation.unread = 0
}

export async function messagesAfter(id: string, after: number): Promise<Message[]> {
  return (await get<MessagePage>(`/api/conversations/${id}/messages?after=${after}&limit=${PAGE}`)).messages
}

async function pull() {
  try {
    for (;;) {
      const page = await get<ConversationPage>(`/api/conversations?cursor=${cursor}&limit=100`)
      for (const conversation of page.conversations) {
        state.known.set(conversation.id, conversation)
        const log = logs.get(conversation.id)
        if (log && conversation.head_seq > newest(log)) void catchUp(conversation.id, conversation.head_seq)
      }
      cursor = page.cursor
      if (!page.more) break
    }
    state.loaded = true
    state.error = null
  } catch (error) {
    state.error = error
  }
}

async function catchUp(id: string, head: number) {
  const log = logs.get(id)
  if (log) await fill(log, head, (after) => messagesAfter(id, after)).catch(() => undefined)
}

function take(frame: Incoming) {
  switch (frame.op) {
    case 'welcome':
      void pullConversations().then(flush)
      break
    case 'changed':
      void pullConversations()
      break
    case 'message':
      takeMessage(frame.message)
      break
    case 'sent':
      takeSent(frame)
      break
    case 'read':
      takeRead(frame)
      break
    case 'refused':
      if (frame.client_id) refused(frame.client_id, frame.problem)
      break
  }
}

function takeMessage(message: Message) {
  if (message.sender_id === me.value?.id && message.kind === 'text') landed(message.conversation_id, String(message.payload['text']))
  const log = logs.get(message.conversation_id)
  if (log && accept(log, message) === 'gap') void catchUp(message.conversation_id, message.seq)
  const conversation = state.known.get(message.conversation_id)
  if (!conversation) void pullConversations()
  else note(conversation, message)
  for (const hearer of [...hearers]) hearer(message)
}

function takeSent(frame: Extract<Incoming, { op: 'sent' }>) {
  const said = confirmed(frame.client_id)
  if (!said || !me.value) return
  const message: Message = {
    conversation_id: frame.conversation_id,
    seq: frame.seq,
    id: frame.client_id,
    sender_id: me.value.id,
    kind: 'text',
    payload: { text: said.text },
    fallback: said.text,
    at: frame.at,
  }
  const log = logs.get(frame.conversation_id)
  if (log && accept(log, message) === 'gap') void catchUp(frame.conversation_id, frame.seq)
  const conversation = state.known.get(frame.conversation_id)
  if (conversation) note(conversation, message)
}

/** The list learns of a message. Unread is arithmetic over sequences; our own messages are read by us. */
function note(conversation: Conversation, message: Message) {
  if (message.seq <= conversation.head_seq) return
  conversation.head_seq = message.seq
  conversation.last = message
  conversation.changed_at = message.at
  if (message.sender_id !== null && message.sender_id === me.value?.id) {
    conversation.read_seq = message.seq
    conversation.unread = 0
  } else {
    conversation.unread = Math.max(0, message.seq - conversation.read_seq)
  }
}

function takeRead(frame: Extract<Incoming, { op: 'read' }>) {
  const conversation = state.known.get(frame.conversation_id)
  if (!conversation) return
  if (frame.person_id === me.value?.id) {
    conversation.read_seq = Math.max(conversation.read_seq, frame.seq)
    conversation.unread = Math.max(0, conversation.head_seq - conversation.read_seq)
  } else {
    conversation.peer_read_seq = Math.max(conversation.peer_read_seq ?? 0, frame.seq)
  }
}

listen(take)
watch(
  me,
  (person) => {
    if (!person) return
    openOutbox(person.id)
    void pullConversations()
  },
  { immediate: true },
)
