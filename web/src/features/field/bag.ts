/**
 * What a phone in the street carries: a promoter's route and a shop's records as they were last heard, and what was noted and the server has
 * not confirmed.
 *
 * A note goes into the bag first, under a key that it keeps for ever, and leaves it when the server has answered: sent again after a
 * lost answer or a reload it has one effect. A browser that keeps nothing goes on from memory alone.
 */
import type Dexie from 'dexie'
import type { Table } from 'dexie'
import { reactive, ref, toRaw } from 'vue'
import { post, put, Refused, type Problem } from '@/kit/api/client'
import type { Media } from '@/kit/api/types'
import { upload } from '@/kit/api/upload'
import { newId } from '@/kit/ids'
import { me, onLeave } from '@/features/people/session'

export interface Note {
  key: string
  method: 'POST' | 'PUT'
  path: string
  body: Record<string, unknown>
  /** The place it is about, and what it is called. */
  place_id: string
  name: string
  at: string
  photos?: { id: string; blob: Blob; there: boolean }[]
  /** Why it was refused; whoever wrote it decides then. */
  problem?: Problem
}

type Bag = Dexie & { notes: Table<Note, string>; kept: Table<{ name: string; value: unknown }, string> }

const AGAIN_MS = 20_000
/** Refusals that pass by themselves. */
const PASSING = ['busy', 'too-many-requests', 'not-signed-in']

export const notes = reactive<Note[]>([])
export const sending = ref(false)
let bag: Promise<Bag | null> | null = null
let timer = 0

async function open(): Promise<Bag | null> {
  try {
    const { default: Dexie } = await import('dexie')
    const opening = new Dexie(`junzi.field.${me.value?.id}`) as Bag
    opening.version(1).stores({ notes: 'key', kept: 'name' })
    await opening.open()
    return opening
  } catch (refused) {
    console.warn('nothing of the route is kept on this device:', refused)
    return null
  }
}

async function inBag<T>(use: (bag: Bag) => Promise<T>, otherwise: T): Promise<T> {
  const here = await (bag ??= open())
  if (!here) return otherwise
  try {
    return await use(here)
  } catch (failed) {
    console.warn('not kept:', failed)
    return otherwise
  }
}

/** What was left when the app was last closed goes out again. */
export async function openBag() {
  const left = await inBag((bag) => bag.notes.toArray(), [] as Note[])
  const known = new Set(notes.map((note) => note.key))
  notes.unshift(...left.filter((note) => !known.has(note.key)).sort((one, other) => (one.at < other.at ? -1 : 1)))
  void flush()
}

export const keep = (name: string, value: unknown) => inBag(async (bag) => void (await bag.kept.put({ name, value: structuredClone(toRaw(value)) })), undefined)
export const kept = <T>(name: string): Promise<T | null> => inBag(async (bag) => ((await bag.kept.get(name))?.value as T | undefined) ?? null, null)

export async function jot(note: Omit<Note, 'key' | 'at'>) {
  const one: Note = { ...note, key: newId(), at: new Date().toISOString() }
  await write(one)
  notes.push(one)
  await flush()
}

/** Sends what waits, one after the other, oldest first; stops where nobody answers. */
export async function flush() {
  clearTimeout(timer)
  if (sending.value) return
  sending.value = true
  try {
    for (let next = waiting(); next; next = waiting()) if (!(await sent(next))) break
  } finally {
    sending.value = false
  }
  if (waiting()) timer = window.setTimeout(() => void flush(), AGAIN_MS)
}

export async function sendAgain(note: Note) {
  delete note.problem
  await write(note)
  await flush()
}

export async function throwAway(note: Note) {
  const at = notes.findIndex((one) => one.key === note.key)
  if (at >= 0) notes.splice(at, 1)
  await inBag((bag) => bag.notes.delete(note.key), undefined)
}

const waiting = () => notes.find((note) => !note.problem)

/** False when nobody answered. */
async function sent(note: Note): Promise<boolean> {
  try {
    for (const photo of note.photos ?? []) {
      if (photo.there) continue
      await upload<Media>(`/api/media/${photo.id}?kind=picture&name=photo`, toRaw(photo.blob), { onProgress: () => undefined, signal: new AbortController().signal })
      photo.there = true
      await write(note)
    }
    await (note.method === 'POST' ? post : put)(note.path, toRaw(note.body), { key: note.key })
    await throwAway(note)
    return true
  } catch (error) {
    if (!(error instanceof Refused) || error.problem.status >= 500 || PASSING.includes(error.slug)) return false
    note.problem = error.problem
    await write(note)
    return true
  }
}

const write = (note: Note) =>
  inBag(async (bag) => {
    const { photos, ...rest } = toRaw(note)
    await bag.notes.put({ ...rest, body: structuredClone(toRaw(rest.body)), ...(photos && { photos: photos.map((photo) => ({ ...toRaw(photo) })) }) })
  }, undefined)

if (typeof addEventListener !== 'undefined') addEventListener('online', () => void flush())

onLeave(async () => {
  clearTimeout(timer)
  notes.splice(0)
  const leaving = await bag
  bag = null
  await leaving?.delete()
})
