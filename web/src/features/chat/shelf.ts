/**
 * What this device keeps of one person's conversations, in the browser's own database: enough to open without a network.
 *
 * A browser may refuse to keep anything (private windows); then everything goes on from memory alone. When the person signs
 * out, all of it is deleted before the page is left.
 */
import type Dexie from 'dexie'
import type { Table } from 'dexie'
import type { Conversation, Message } from '@/kit/api/types'
import { onLeave } from '@/features/people/session'
import type { Unsent } from './unsent'

/** Of one conversation at most so many of the newest messages stay on the device. */
const MESSAGES_KEPT = 3000

export type Shelf = Dexie & {
  conversations: Table<Conversation, string>
  messages: Table<Message, [string, number]>
  outbox: Table<Unsent, string>
  notes: Table<{ name: string; value: unknown }, string>
}

let shelf: Shelf | null = null

/** The database's library comes by itself, so that the first screen of a new device needn't wait for it. */
export async function openShelf(person: string): Promise<void> {
  try {
    const { default: Dexie } = await import('dexie')
    const opening = new Dexie(`junzi.${person}`) as Shelf
    opening.version(1).stores({
      conversations: 'id',
      messages: '[conversation_id+seq]',
      outbox: 'client_id, conversation_id',
      notes: 'name',
    })
    await opening.open()
    shelf = opening
  } catch (refused) {
    console.warn('nothing is kept on this device:', refused)
    shelf = null
  }
}

/** Reads or writes; answers `otherwise` where nothing can be kept. A full disk costs what wasn't kept, never the page. */
export async function onShelf<T>(use: (shelf: Shelf) => Promise<T>, otherwise: T): Promise<T> {
  if (!shelf) return otherwise
  try {
    return await use(shelf)
  } catch (failed) {
    console.warn('not kept:', failed)
    return otherwise
  }
}

export async function noted<T>(name: string, otherwise: T): Promise<T> {
  return onShelf(async (shelf) => ((await shelf.notes.get(name))?.value as T | undefined) ?? otherwise, otherwise)
}

export const keepNote = (name: string, value: unknown) => onShelf(async (shelf) => void (await shelf.notes.put({ name, value })), undefined)

export const keepMessages = (messages: Message[]) => onShelf(async (shelf) => void (await shelf.messages.bulkPut(messages)), undefined)

/** Up to that sequence, inclusive. */
export function forgetMessages(conversation: string, up_to: number) {
  return onShelf((shelf) => shelf.messages.where('[conversation_id+seq]').between([conversation, 0], [conversation, up_to], true, true).delete(), 0)
}

/** Messages below `before`, ascending: the unbroken run that ends there, at most `limit` of them. */
export function keptMessages(conversation: string, before: number, limit: number): Promise<Message[]> {
  return onShelf(async (shelf) => {
    const range = shelf.messages.where('[conversation_id+seq]').between([conversation, 0], [conversation, before], true, false)
    const found = await range.reverse().limit(limit).toArray()
    const run = found.filter((message, index) => message.seq === found[0]!.seq - index)
    return run.reverse()
  }, [])
}

export async function trimShelf(heads: Iterable<[string, number]>) {
  for (const [conversation, head] of heads) {
    if (head <= MESSAGES_KEPT) continue
    await forgetMessages(conversation, head - MESSAGES_KEPT)
  }
}

onLeave(async () => {
  const leaving = shelf
  shelf = null
  await leaving?.delete()
})
