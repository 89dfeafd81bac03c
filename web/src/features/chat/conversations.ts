/**
 * The person's conversations on this device: first as they were kept here, then as the server tells.
 *
 * A push is a hint. `welcome` and `changed` pull the list from where the cursor stands; a message that doesn't follow the
 * last one makes its log pull what is missing.
 */
import { computed, reactive, toRaw, watch } from 'vue'
import { get, post } from '@/kit/api/client'
import type { Conversation, ConversationPage, Message } from '@/kit/api/types'
import { listen, tell, type Incoming } from '@/kit/socket'
import { me } from '@/features/people/session'
import { newest } from './log'
import { catchUp, logOf, openLog, takeIntoLog } from './logs'
import { confirmed, flush, recallOutbox, refused } from './outbox'
import { keepMessages, noted, onShelf, openShelf, trimShelf } from './shelf'

const KEEP_AFTER_MS = 250
const state = reactive<{ known: Map<string, Conversation>; loaded: boolean; error: unknown }>({
  known: new Map(),
  loaded: false,
  error: null,
})
/** Read while there was no connection, and told once there is one. */
const reads = new Map<string, number>()
const hearers = new Set<(message: Message) => void>()
const unkept = new Set<string>()
let recalled: Promise<void> = Promise.resolve()
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

/** What was kept on this device is there from then on. */
export const whenRecalled = () => recalled

export async function openWith(person_id: string): Promise<string> {
  const conversation = await post<Conversation>('/api/conversations', { person_id })
  learn(conversation)
  keep(conversation.id)
  return conversation.id
}

/** Its messages are there from then on, and keep themselves up to date. Raises Unreachable, Refused. */
export async function openConversation(id: string) {
  await recalled
  if (!state.known.has(id)) await pullConversations()
  await openLog(id, state.known.get(id)?.head_seq ?? 0)
}

/** The person has seen everything up to the newest message of this conversation. */
export function markRead(id: string) {
  const conversation = state.known.get(id)
  const log = logOf(id)
  if (!conversation || !log) return
  const seq = newest(log)
  if (seq <= conversation.read_seq && conversation.unread === 0) return
  if (!tell({ op: 'read', conversation_id: id, seq })) noteRead(id, seq)
  conversation.read_seq = Math.max(conversation.read_seq, seq)
  conversation.unread = 0
  keep(id)
}

async function recall(person: string) {
  await openShelf(person)
  const [kept, keptReads, keptCursor] = await Promise.all([
    onShelf((shelf) => shelf.conversations.toArray(), [] as Conversation[]),
    noted<[string, number][]>('reads', []),
    noted('cursor', 0),
    recallOutbox(),
  ])
  for (const [id, seq] of keptReads) reads.set(id, seq)
  for (const conversation of kept) if (!state.known.has(conversation.id)) state.known.set(conversation.id, conversation)
  cursor = keptCursor
  if (kept.length > 0) state.loaded = true
  void trimShelf(kept.map((one) => [one.id, one.head_seq]))
}

async function pull() {
  await recalled
  try {
    for (;;) {
      const page = await get<ConversationPage>(`/api/conversations?cursor=${cursor}&limit=100`)
      for (const conversation of page.conversations) {
        learn(conversation)
        void catchUp(conversation.id, conversation.head_seq)
      }
      cursor = page.cursor
      await keepPage(page)
      if (!page.more) break
    }
    state.loaded = true
    state.error = null
  } catch (error) {
    state.error = error
  }
}

function learn(conversation: Conversation) {
  const read = reads.get(conversation.id) ?? 0
  if (read > conversation.read_seq) {
    conversation.read_seq = read
    conversation.unread = Math.max(0, conversation.head_seq - read)
  }
  state.known.set(conversation.id, conversation)
}

function take(frame: Incoming) {
  switch (frame.op) {
    case 'welcome':
      void pullConversations().then(flush).then(tellReads)
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
  if (message.sender_id === me.value?.id) confirmed(message.id)
  takeIntoLog(message)
  const conversation = state.known.get(message.conversation_id)
  if (!conversation) void pullConversations()
  else note(conversation, message)
  for (const hearer of [...hearers]) hearer(message)
}

function takeSent(frame: Extract<Incoming, { op: 'sent' }>) {
  const said = confirmed(frame.client_id)
  if (!said || !me.value) return
  const { conversation_id, client_id, seq, at } = frame
  const fallback = String(said.payload['text'] ?? '')
  const message: Message = { conversation_id, seq, id: client_id, sender_id: me.value.id, kind: said.kind, payload: toRaw(said.payload), fallback, at }
  takeIntoLog(message)
  const conversation = state.known.get(conversation_id)
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
  if (!logOf(conversation.id)) void keepMessages([message])
  keep(conversation.id)
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
  keep(conversation.id)
}

function noteRead(id: string, seq: number) {
  reads.set(id, seq)
  void onShelf(async (shelf) => void (await shelf.notes.put({ name: 'reads', value: [...reads] })), undefined)
}

function tellReads() {
  for (const [id, seq] of reads) if (!tell({ op: 'read', conversation_id: id, seq })) return
  reads.clear()
  void onShelf((shelf) => shelf.notes.delete('reads'), undefined)
}

/** A page and the cursor after it are kept together, so that a device never believes to know what it doesn't. */
function keepPage(page: ConversationPage) {
  return onShelf(
    (shelf) =>
      shelf.transaction('rw', shelf.conversations, shelf.notes, async () => {
        await shelf.conversations.bulkPut(page.conversations)
        await shelf.notes.put({ name: 'cursor', value: page.cursor })
      }),
    undefined,
  )
}

function keep(id: string) {
  if (unkept.size === 0) setTimeout(keepChanged, KEEP_AFTER_MS)
  unkept.add(id)
}

function keepChanged() {
  const rows = [...unkept].flatMap((id) => state.known.get(id) ?? []).map((one) => ({ ...toRaw(one), last: toRaw(one.last), peer: toRaw(one.peer) }))
  unkept.clear()
  void onShelf(async (shelf) => void (await shelf.conversations.bulkPut(rows)), undefined)
}

listen(take)
watch(
  me,
  (person, before) => {
    if (!person || person.id === before?.id) return
    recalled = recall(person.id)
    void pullConversations()
  },
  { immediate: true, flush: 'sync' },
)
