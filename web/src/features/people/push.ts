/** Being told of messages while the app is closed: the browser's subscription, what it may show, and when it is quiet. */
import { get, put, remove } from '@/kit/api/client'
import { forget, remember } from '@/kit/memory'
import { me } from './session'

export interface Push {
  public_key: string
  subscribed: boolean
  shows_text: boolean
  quiet_from: string | null
  quiet_until: string | null
}

/** Under which this device remembers whom it is pushed what they miss. */
const NAME = 'pushed'
/** A browser whose push service can't be reached never answers. */
const PATIENCE_MS = 12_000

/** Why this browser can't; empty when it can. */
export function cannotPush(): '' | 'insecure' | 'unsupported' | 'denied' {
  if (!isSecureContext) return 'insecure'
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) return 'unsupported'
  return Notification.permission === 'denied' ? 'denied' : ''
}

export const loadPush = () => get<Push>('/api/push')
export const keepQuiet = (quiet_from: string | null, quiet_until: string | null) => put<void>('/api/push/quiet-hours', { quiet_from, quiet_until })

/** Raises Unreachable, Refused, or NotSubscribed when the person or the browser says no. */
export async function subscribe(public_key: string, shows_text: boolean) {
  if ((await Notification.requestPermission()) !== 'granted') throw new NotSubscribed('denied')
  const registration = await inTime(navigator.serviceWorker.ready)
  const known = await registration.pushManager.getSubscription()
  const subscription = known ?? (await inTime(registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(public_key) })))
  const { endpoint, keys } = subscription.toJSON() as { endpoint: string; keys: Record<string, string> }
  await put('/api/push', { endpoint, p256dh: keys['p256dh'], auth: keys['auth'], shows_text })
  remember(NAME, me.value?.id)
}

/** Raises Unreachable, Refused. */
export async function unsubscribe() {
  await remove('/api/push')
  forget(NAME)
  const registration = await navigator.serviceWorker.getRegistration()
  await (await registration?.pushManager.getSubscription())?.unsubscribe()
}

export class NotSubscribed extends Error {
  constructor(readonly why: 'denied' | 'silent') {
    super(why)
  }
}

function inTime<T>(wanted: Promise<T>): Promise<T> {
  return Promise.race([wanted, new Promise<T>((_, reject) => setTimeout(() => reject(new NotSubscribed('silent')), PATIENCE_MS))])
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
