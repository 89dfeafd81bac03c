/**
 * The person's conversations on this device: first as they were kept here, then as the server tells.
 *
 * A push is a hint. `welcome` and `changed` pull the list from where the cursor stands; a message that doesn't follow the
 * last one makes its log pull what is missing.
 */
import { computed, reactive, toRaw, watch } from 'vue'
import { get, post } from '@/kit/api/client'
import type { Conversation, ConversationPage, Message, Mine } from '@/kit/api/types'
import { recall as recallNote, remember } from '@/kit/memory'
import { listen, restWhen, tell, type Incoming } from '@/kit/socket'
import { me } from '@/features/people/session'
import { conversationsSince } from './addresses'
import { showUnread } from './badge'
import { learnDraft, tellDrafts } from './drafts'
import { newest } from './log'
import { beginAt, catchUp, forgetLog, logOf, openedLogs, openLog, takeDeletions, takeEdits, takeIntoLog } from './logs'
import { confirmed, flush, isUnderWay, recallOutbox, refused } from './outbox'
import { readUpTo, takeNews, takeReading } from './told'
import { noteTyping, stopped } from './typing'
import { keepMessages, noted, onShelf, openShelf, trimShelf } from './shelf'

const KEEP_AFTER_MS = 250
const SHELF_WAITS_MS = 3000
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
/** Told while pages were on their way, and perhaps newer than what is on them. */
let meanwhile: Incoming[] = []

export const loaded = computed(() => state.loaded)
export const loadError = computed(() => state.error)
/** Pinned first, then by what happened last. */
export const conversations = computed(() => [...state.known.values()].sort((one, other) => compare(rank(other), rank(one))))
/** Muted conversations and strangers' requests count for nothing. */
export const unreadTotal = computed(() => conversations.value.reduce((sum, one) => sum + (one.mine.muted || one.request === 'incoming' ? 0 : unreadOf(one)), 0))
export const unreadOf = (one: Conversation) => one.unread || (one.mine.marked_unread ? 1 : 0)
const rank = (one: Conversation) => (one.mine.pinned_at ? `1${one.mine.pinned_at}` : `0${one.changed_at}`)
const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

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

/** Once there is a list to show, or none is to be had; after that time at the latest. */
export function whenListed(timeout_ms: number): Promise<void> {
  if (state.loaded) return Promise.resolve()
  return new Promise((done) => {
    const stop = watch(() => state.loaded || state.error !== null, () => finish())
    const timer = setTimeout(() => finish(), timeout_ms)
    function finish() {
      stop()
      clearTimeout(timer)
      done()
    }
  })
}

export async function openWith(person_id: string): Promise<string> {
  return takeConversation(await post<Conversation>('/api/conversations', { person_id }))
}

/** A conversation as the server has just answered it; its id. */
export function takeConversation(conversation: Conversation): string {
  const known = state.known.get(conversation.id)
  learn(whole(conversation))
  keep(conversation.id)
  // More was told while the answer was on its way.
  if (known && known.head_seq > conversation.head_seq) void pullConversations()
  return conversation.id
}

/** How this person keeps a conversation, as they or another device of theirs have just settled it. */
export function noteMine(id: string, mine: Mine) {
  const conversation = state.known.get(id)
  if (!conversation) return
  conversation.mine = mine
  keep(id)
}

/** Its messages are there from then on, and keep themselves up to date. Raises Unreachable, Refused. */
export async function openConversation(id: string) {
  await recalled
  if (!state.known.has(id)) await pullConversations()
  const conversation = state.known.get(id)
  await openLog(id, conversation?.head_seq ?? 0, conversation?.from_seq ?? 0)
  // What came while it was opened found no log to go into.
  catchUpLog(id)
}

/** The person has seen everything up to the newest message of this conversation that this device has. */
export function markRead(id: string) {
  const conversation = state.known.get(id)
  if (!conversation) return
  const log = logOf(id)
  const seq = log ? newest(log) : conversation.head_seq
  if (seq <= conversation.read_seq) return
  if (!tell({ op: 'read', conversation_id: id, seq })) noteRead(id, seq)
  readUpTo(conversation, seq)
  keep(id)
}

async function recall(person: string) {
  // A device that has kept nothing yet draws what the server tells before it fetches and opens its own store.
  if (!hasKept(person)) await whenListed(SHELF_WAITS_MS)
  await openShelf(person)
  const [kept, keptReads, keptCursor] = await Promise.all([
    onShelf((shelf) => shelf.conversations.toArray(), [] as Conversation[]),
    noted<[string, number][]>('reads', []),
    noted('cursor', 0),
    recallOutbox(),
  ])
  for (const [id, seq] of keptReads) reads.set(id, seq)
  for (const conversation of kept) if (!state.known.has(conversation.id)) state.known.set(conversation.id, whole(conversation))
  cursor = Math.max(cursor, keptCursor)
  if (kept.length > 0) state.loaded = true
  void trimShelf(kept.map((one) => [one.id, one.head_seq]))
}

/** Pages come newest change first, so the cursor of the first one is true only once all have been taken. */
async function pull() {
  // A device that has kept nothing yet has nothing to wait for.
  if (hasKept(me.value?.id)) await recalled
  meanwhile = []
  try {
    let below: number | null = null
    let next = cursor
    do {
      const page: ConversationPage = await get(conversationsSince(cursor, below))
      if (below === null) next = page.cursor
      below = page.more ? page.below : null
      for (const conversation of page.conversations) takeChanged(conversation)
      for (const frame of meanwhile) takeIntoList(frame)
      state.loaded = true
      // The browser keeps them in this order; nobody has to wait for its disk.
      void recalled.then(() => keepPage(page.conversations, below === null ? next : null))
    } while (below !== null)
    cursor = next
    state.error = null
  } catch (error) {
    state.error = error
  }
}

const hasKept = (person: string | undefined) => recallNote('kept', '') === person

function takeChanged(told: Conversation) {
  const conversation = whole(told)
  const { id, from_seq } = conversation
  const before = state.known.get(id)
  learn(conversation)
  if (conversation.stale) return void forgetLog(id, from_seq).then(() => catchUpLog(id))
  if (before && before.from_seq < from_seq) void beginAt(id, from_seq).then(() => catchUpLog(id))
  takeEdits(id, conversation.edited)
  if (conversation.deleted.length > 0 || conversation.cleared_seq > 0) takeDeletions(id, conversation.deleted, conversation.cleared_seq)
  catchUpLog(id)
}

function catchUpLog(id: string) {
  void catchUp(id, state.known.get(id)?.head_seq ?? 0)
}

/** What was kept by an earlier version of the app may lack what came since. */
function whole(conversation: Conversation): Conversation {
  const mine = { pinned_at: null, muted: false, hidden: false, marked_unread: false, draft: null }
  const since = { edited: [], deleted: [], cleared_seq: 0, stale: false }
  const otherwise = { group: null, from_seq: 0, mentioned_seq: null, left: false, request: null, mine, ...since }
  return { ...otherwise, ...conversation }
}

function learn(conversation: Conversation) {
  const read = reads.get(conversation.id) ?? 0
  if (read > conversation.read_seq) readUpTo(conversation, read)
  learnDraft(conversation.id, conversation.mine.draft)
  state.known.set(conversation.id, conversation)
}

function take(frame: Incoming) {
  if (pulling) meanwhile.push(frame)
  switch (frame.op) {
    case 'welcome':
      void pullConversations().then(catchUpOnTelling)
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
    case 'edited':
      takeEdits(frame.message.conversation_id, [frame.message])
      takeIntoList(frame)
      break
    case 'deleted':
      takeDeletions(frame.conversation_id, frame.seqs, frame.cleared_seq)
      // Which message is the newest that is left, the server knows.
      void pullConversations()
      break
    case 'mine':
      learnDraft(frame.conversation_id, frame.mine.draft)
      takeIntoList(frame)
      break
    case 'typing':
      noteTyping(frame.conversation_id, frame.person_id)
      break
    case 'read':
      takeIntoList(frame)
      break
    case 'refused':
      if (frame.client_id) refused(frame.client_id, frame.problem)
      break
  }
}

/** What a frame changes of a conversation as the list shows it; the same frame again changes nothing. */
function takeIntoList(frame: Incoming) {
  const id = frame.op === 'message' || frame.op === 'edited' ? frame.message.conversation_id : 'conversation_id' in frame ? frame.conversation_id : ''
  const conversation = state.known.get(id)
  if (!conversation || !me.value) return
  if (frame.op === 'message') note(conversation, frame.message)
  else if (frame.op === 'edited' && conversation.last?.seq === frame.message.seq) conversation.last = frame.message
  else if (frame.op === 'read') takeReading(conversation, frame.person_id, frame.seq, me.value.id)
  else if (frame.op === 'mine') conversation.mine = frame.mine
  else return
  keep(id)
}

function catchUpOnTelling() {
  flush()
  tellReads()
  tellDrafts()
  // Where the last connection broke before they had all, the list has nothing new to say of them.
  for (const id of openedLogs()) catchUpLog(id)
}

function takeMessage(message: Message) {
  if (message.sender_id) stopped(message.conversation_id, message.sender_id)
  if (message.sender_id === me.value?.id) confirmed(message.id)
  takeIntoLog(message)
  const conversation = state.known.get(message.conversation_id)
  // One that doesn't follow the last: something was not told, and might have called this person.
  if (!conversation || message.seq > conversation.head_seq + 1) void pullConversations()
  if (conversation) note(conversation, message)
  for (const hearer of [...hearers]) hearer(message)
}

function takeSent(frame: Extract<Incoming, { op: 'sent' }>) {
  const said = confirmed(frame.client_id)
  if (!said || !me.value) return
  const { conversation_id, client_id, seq, at } = frame
  // What the server adds to other kinds comes with the message itself.
  if (said.kind !== 'text') return void catchUp(conversation_id, seq)
  const fallback = String(said.payload['text'] ?? '')
  const message: Message = { conversation_id, seq, id: client_id, sender_id: me.value.id, kind: said.kind, payload: toRaw(said.payload), fallback, at }
  takeIntoLog(message)
  const conversation = state.known.get(conversation_id)
  if (conversation) note(conversation, message)
}

/** The list learns of a message. */
function note(conversation: Conversation, message: Message) {
  if (!me.value || !takeNews(conversation, message, me.value.id)) return
  if (!logOf(conversation.id)) void keepMessages([message])
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
function keepPage(page: Conversation[], after: number | null) {
  return onShelf(
    (shelf) =>
      shelf.transaction('rw', shelf.conversations, shelf.notes, async () => {
        await shelf.conversations.bulkPut(page)
        if (after !== null) await shelf.notes.put({ name: 'cursor', value: after })
        remember('kept', me.value?.id)
      }),
    undefined,
  )
}

function keep(id: string) {
  if (unkept.size === 0) setTimeout(keepChanged, KEEP_AFTER_MS)
  unkept.add(id)
}

function keepChanged() {
  const rows = [...unkept].flatMap((id) => state.known.get(id) ?? []).map((one) => ({ ...toRaw(one) }))
  unkept.clear()
  void recalled.then(() => onShelf(async (shelf) => void (await shelf.conversations.bulkPut(rows)), undefined))
}

listen(take)
// What comes while it rests, a push tells; without pushes the connection stays.
restWhen(() => recallNote('pushed', '') === me.value?.id && !isUnderWay())
watch(unreadTotal, (count) => showUnread(count, (id) => state.known.get(id)?.unread === 0))
watch(
  me,
  (person, before) => {
    if (!person || person.id === before?.id) return
    recalled = recall(person.id)
    void pullConversations()
  },
  { immediate: true, flush: 'sync' },
)
