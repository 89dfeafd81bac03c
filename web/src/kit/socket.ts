/**
 * The live connection: opened once somebody is signed in, kept open, and opened again when it breaks.
 *
 * What arrives here is a hint; the log behind the HTTP routes is the truth. So whoever listens pulls what was missed each
 * time `welcome` arrives.
 */
import { ref } from 'vue'
import type { Message, Mine } from './api/types'
import type { Problem } from './api/client'
import { seat } from './seat'

export type Incoming =
  | { op: 'welcome'; person_id: string; at: string }
  | { op: 'sent'; conversation_id: string; client_id: string; seq: number; at: string }
  | { op: 'message'; message: Message }
  | { op: 'edited'; message: Message }
  | { op: 'read'; conversation_id: string; person_id: string; seq: number }
  | { op: 'mine'; conversation_id: string; mine: Mine }
  | { op: 'deleted'; conversation_id: string; seqs: number[]; cleared_seq: number }
  | { op: 'typing'; conversation_id: string; person_id: string }
  | { op: 'changed' }
  | { op: 'pong' }
  | { op: 'refused'; client_id?: string; problem: Problem }

export type Outgoing =
  | { op: 'send'; conversation_id: string; client_id: string; kind: string; payload: object }
  | { op: 'read'; conversation_id: string; seq: number }
  | { op: 'typing'; conversation_id: string }
  | { op: 'ping' }

type Listener = (frame: Incoming) => void

const SESSION_ENDED = 4401
const PING_EVERY_MS = 25_000
const ANSWER_WITHIN_MS = 10_000
const RESTS_AFTER_MS = 15_000
const listeners = new Set<Listener>()
let socket: WebSocket | null = null
let wanted = false
let failures = 0
let retry = 0
let pinging = 0
let overdue = 0
let resting = 0
let stays = 0
let mayRest = () => false
let ended: () => void = () => {}

/** "waiting" means that the connection broke and is being tried again. */
export const link = ref<'off' | 'connecting' | 'live' | 'waiting'>('off')

export function listen(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function onSessionEnded(listener: () => void) {
  ended = listener
}

/**
 * A page that nobody looks at gives up its connection while `allowed` says so: to the server, a device with a connection
 * looks, and is pushed nothing. Once it is looked at again, it connects again.
 */
export function restWhen(allowed: () => boolean) {
  mayRest = allowed
}

/** The connection is wanted although nobody looks, until what is answered is called. */
export function stayConnected(): () => void {
  stays += 1
  return () => (stays -= 1)
}

/** False when there is no connection: the caller keeps what it wanted to say. */
export function tell(frame: Outgoing): boolean {
  if (socket?.readyState !== WebSocket.OPEN || link.value !== 'live') return false
  socket.send(JSON.stringify(frame))
  return true
}

export function connect() {
  if (wanted) return
  wanted = true
  window.addEventListener('online', hurry)
  document.addEventListener('visibilitychange', lookedAt)
  open()
}

export function disconnect() {
  wanted = false
  window.removeEventListener('online', hurry)
  document.removeEventListener('visibilitychange', lookedAt)
  clearInterval(resting)
  clearTimeout(retry)
  drop()
  link.value = 'off'
}

/** Half a second, doubled each time up to fifteen, spread so that a whole town doesn't return in the same instant. */
export function backoffMs(failed: number, chance: number): number {
  return Math.min(15_000, 500 * 2 ** Math.min(failed, 5)) * (0.6 + 0.4 * chance)
}

function open() {
  drop()
  link.value = failures === 0 ? 'connecting' : 'waiting'
  const opened = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws${seat ? `?seat=${seat}` : ''}`)
  socket = opened
  opened.onmessage = (event) => {
    if (opened !== socket) return
    const frame = JSON.parse(String(event.data)) as Incoming
    clearTimeout(overdue)
    if (frame.op === 'welcome') {
      failures = 0
      link.value = 'live'
      clearInterval(pinging)
      pinging = window.setInterval(ping, PING_EVERY_MS)
    }
    for (const listener of [...listeners]) listener(frame)
  }
  opened.onclose = (event) => {
    if (opened !== socket) return
    drop()
    if (event.code === SESSION_ENDED) {
      disconnect()
      ended()
    } else {
      again()
    }
  }
}

function again() {
  if (!wanted) return
  link.value = 'waiting'
  clearTimeout(retry)
  retry = window.setTimeout(open, backoffMs(failures, Math.random()))
  failures += 1
}

function ping() {
  tell({ op: 'ping' })
  clearTimeout(overdue)
  overdue = window.setTimeout(() => {
    drop()
    again()
  }, ANSWER_WITHIN_MS)
}

function lookedAt() {
  clearInterval(resting)
  if (document.visibilityState === 'hidden') resting = window.setInterval(rest, RESTS_AFTER_MS)
  else hurry()
}

function rest() {
  if (link.value !== 'live' || stays > 0 || !mayRest()) return
  drop()
  link.value = 'connecting'
}

function hurry() {
  if (!wanted || document.visibilityState === 'hidden') return
  if (!socket || link.value === 'waiting') {
    clearTimeout(retry)
    open()
  } else if (link.value === 'live') {
    ping()
  }
}

function drop() {
  clearInterval(pinging)
  clearTimeout(overdue)
  const old = socket
  socket = null
  old?.close()
}
