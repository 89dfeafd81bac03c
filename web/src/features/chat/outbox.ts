/**
 * What the person has said and the server has not yet confirmed. It survives a reload and a lost connection; each entry
 * keeps its client id for ever, so sending it again can't say it twice. Files go ahead of the message that names them.
 */
import { computed, reactive, toRaw, watch } from 'vue'
import { Refused, type Problem } from '@/kit/api/client'
import type { Media } from '@/kit/api/types'
import { upload } from '@/kit/api/upload'
import { newId } from '@/kit/ids'
import { online } from '@/kit/offline'
import { link, tell } from '@/kit/socket'
import { onShelf } from './shelf'
import type { Attachment, Unsent } from './unsent'

const ANSWER_WITHIN_MS = 12_000
const waiting = new Map<string, number>()
const uploads = new Map<string, AbortController>()
const unsent = reactive<Unsent[]>([])
/** A device that knows of having no network needn't wait until its connection finds out. */
const reachable = computed(() => online.value && link.value === 'live')

/** What was left when the app was last closed; nothing of it is under way any more. */
export async function recallOutbox() {
  const kept = await onShelf((shelf) => shelf.outbox.toArray(), [] as Unsent[])
  const known = new Set(unsent.map((one) => one.client_id))
  const left = kept.filter((one) => !known.has(one.client_id)).map((one): Unsent => (one.state === 'failed' ? one : { ...one, state: 'queued' }))
  unsent.unshift(...left.sort((one, other) => (one.at < other.at ? -1 : 1)))
}

export const unsentIn = (conversation: string) => unsent.filter((one) => one.conversation_id === conversation)

/** Whether something goes out at this moment. */
export const isUnderWay = () => unsent.some((one) => one.state === 'sending' || one.state === 'uploading')

export function say(conversation: string, kind: string, payload: Record<string, unknown>, attachments: Attachment[] = []) {
  const one: Unsent = { client_id: newId(), conversation_id: conversation, kind, payload, at: new Date().toISOString(), state: 'queued' }
  if (attachments.length > 0) one.attachments = attachments
  unsent.push(one)
  void send(unsent.at(-1)!)
}

export function sayAgain(client_id: string) {
  const found = find(client_id)
  if (found) void send(found)
}

/** The writer thinks better of it. What the server may have taken already stays there. */
export function unsay(client_id: string) {
  drop(client_id)
}

/** After each reconnection: everything that was under way goes out again, in order. */
export function flush() {
  for (const one of [...unsent]) if (!one.problem && one.state !== 'uploading') void send(one)
}

/** The server has it. Answers what was said, if it was ours. */
export function confirmed(client_id: string): Unsent | null {
  return drop(client_id)
}

export function refused(client_id: string, problem: Problem) {
  const found = find(client_id)
  if (!found) return
  clearTimeout(waiting.get(client_id))
  found.state = 'failed'
  found.problem = problem
  keep(found)
}

async function send(one: Unsent) {
  delete one.problem
  clearTimeout(waiting.get(one.client_id))
  if (!(await isUploaded(one))) return
  const { conversation_id, client_id, kind, payload } = toRaw(one)
  if (reachable.value && tell({ op: 'send', conversation_id, client_id, kind, payload })) {
    one.state = 'sending'
    waiting.set(client_id, window.setTimeout(overdue, ANSWER_WITHIN_MS, client_id))
  } else {
    one.state = 'queued'
  }
  keep(one)
}

/** Sends the files that the server hasn't got; false when that didn't succeed, and the entry says why. */
async function isUploaded(one: Unsent): Promise<boolean> {
  const left = one.attachments?.filter((attachment) => !attachment.there) ?? []
  if (left.length === 0) return true
  if (!reachable.value) {
    one.state = 'queued'
    keep(one)
    return false
  }
  const stop = new AbortController()
  uploads.set(one.client_id, stop)
  one.state = 'uploading'
  one.progress = 0
  keep(one)
  try {
    const all = left.reduce((sum, attachment) => sum + attachment.blob.size, 0)
    let done = 0
    for (const attachment of left) {
      const size = attachment.blob.size
      const query = new URLSearchParams({ kind: attachment.kind, name: attachment.name })
      await upload<Media>(`/api/media/${attachment.media_id}?${query}`, toRaw(attachment.blob), {
        onProgress: (part) => (one.progress = (done + part * size) / Math.max(1, all)),
        signal: stop.signal,
      })
      attachment.there = true
      done += size
      keep(one)
    }
    return find(one.client_id) !== undefined
  } catch (error) {
    if (error instanceof Refused) refused(one.client_id, error.problem)
    else if (find(one.client_id)) {
      one.state = reachable.value ? 'failed' : 'queued'
      keep(one)
    }
    return false
  } finally {
    uploads.delete(one.client_id)
  }
}

function overdue(client_id: string) {
  const found = find(client_id)
  if (!found) return
  found.state = 'failed'
  keep(found)
}

function find(client_id: string): Unsent | undefined {
  return unsent.find((one) => one.client_id === client_id)
}

function drop(client_id: string): Unsent | null {
  const index = unsent.findIndex((one) => one.client_id === client_id)
  if (index < 0) return null
  clearTimeout(waiting.get(client_id))
  uploads.get(client_id)?.abort()
  const [done] = unsent.splice(index, 1)
  void onShelf((shelf) => shelf.outbox.delete(client_id), undefined)
  return done ?? null
}

function keep(one: Unsent) {
  const { progress: _, attachments, ...rest } = toRaw(one)
  const plain: Unsent = { ...rest, ...(attachments && { attachments: attachments.map((attachment) => ({ ...toRaw(attachment) })) }) }
  void onShelf(async (shelf) => void (await shelf.outbox.put(plain)), undefined)
}

// A network that comes back before the connection noticed that it was gone brings no `welcome`.
watch(online, (now) => now && flush())
