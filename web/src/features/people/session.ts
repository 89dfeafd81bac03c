/** Who is signed in on this device, and what follows from it: the language and the live connection. */
import { ref, watch } from 'vue'
import { get, onSignedOut, patch, post, Refused, remove } from '@/kit/api/client'
import type { Locale, Me } from '@/kit/api/types'
import { chooseLocale, locale } from '@/kit/i18n'
import { recall, remember } from '@/kit/memory'
import { seat } from '@/kit/seat'
import { source } from '@/kit/source'
import { connect, disconnect, onSessionEnded } from '@/kit/socket'

export const me = ref<Me | null>(null)
const leavers: (() => Promise<void>)[] = []

/** Called when the session is over, before the page is left: whoever keeps something of the person's gives it up. */
export function onLeave(leaver: () => Promise<void>) {
  leavers.push(leaver)
}

/** Who was signed in here last, when the server hasn't been asked yet. False when nobody was. */
export function recallMe(): boolean {
  const person = recall<Me | null>('me', null)
  if (person) welcome(person)
  return person !== null
}

export async function loadMe() {
  try {
    // The page preloads the answer for whoever sits in no seat; the browser would take that one, whatever the headers say.
    const person = await get<Me>(seat ? `/api/me?seat=${seat}` : '/api/me')
    // Somebody else signed in here in the meantime: nothing on the screen is theirs.
    if (me.value && me.value.id !== person.id) await leave()
    else welcome(person)
  } catch (error) {
    if (!(error instanceof Refused && error.slug === 'not-signed-in')) throw error
    me.value = null
  }
}

export async function signUp(handle: string, name: string, password: string) {
  welcome(await post<Me>('/api/people', { handle, name, password, locale: locale.value, source: source() }))
}

export async function signIn(handle: string, password: string) {
  welcome(await post<Me>('/api/sessions', { handle, password }))
}

export async function signOut() {
  await remove('/api/sessions/current')
  await leave()
}

export async function changeMe(changes: { name?: string; avatar?: number; locale?: Locale }) {
  me.value = await patch<Me>('/api/me', changes)
}

/** Called when the session is over, by the person or by the server: everything of theirs leaves the device. */
export async function leave() {
  if (!me.value) return
  me.value = null
  disconnect()
  await Promise.allSettled(leavers.map((leaver) => leaver()))
  location.replace(location.pathname === '/welcome' ? location.href : '/welcome')
}

/** Somebody is signed in here from now on. */
export function welcome(person: Me) {
  me.value = person
  remember('known', true)
  if (person.locale !== locale.value) void chooseLocale(person.locale)
}

watch(me, (person) => {
  remember('me', person)
  if (person) connect()
  else disconnect()
}, { flush: 'sync' })
onSignedOut(() => void leave())
onSessionEnded(() => void leave())
