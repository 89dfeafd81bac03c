/** Who is signed in on this device, and what follows from it: the language and the live connection. */
import { ref, watch } from 'vue'
import { get, onSignedOut, patch, post, Refused, remove } from '@/kit/api/client'
import type { Locale, Me } from '@/kit/api/types'
import { chooseLocale, locale } from '@/kit/i18n'
import { remember } from '@/kit/memory'
import { connect, disconnect, onSessionEnded } from '@/kit/socket'

export const me = ref<Me | null>(null)

export async function loadMe() {
  try {
    welcome(await get<Me>('/api/me'))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    me.value = null
  }
}

export async function signUp(handle: string, name: string, password: string) {
  welcome(await post<Me>('/api/people', { handle, name, password, locale: locale.value }))
}

export async function signIn(handle: string, password: string) {
  welcome(await post<Me>('/api/sessions', { handle, password }))
}

export async function signOut() {
  await remove('/api/sessions/current')
  leave()
}

export async function changeMe(changes: { name?: string; avatar?: number; locale?: Locale }) {
  me.value = await patch<Me>('/api/me', changes)
}

/** Called when the session is over, by the person or by the server: everything of theirs leaves the screen. */
export function leave() {
  if (!me.value) return
  me.value = null
  disconnect()
  location.replace(location.pathname === '/welcome' ? location.href : '/welcome')
}

function welcome(person: Me) {
  me.value = person
  remember('known', true)
  if (person.locale !== locale.value) chooseLocale(person.locale)
}

watch(me, (person) => (person ? connect() : disconnect()))
onSignedOut(leave)
onSessionEnded(leave)
