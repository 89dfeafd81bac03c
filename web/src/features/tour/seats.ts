/** Who sits where in the tour, and asking the server as one of them. The link that the terminal printed signs them in. */
import { get, patch, post, Refused } from '@/kit/api/client'
import type { Me } from '@/kit/api/types'
import { locale } from '@/kit/i18n'
import { kept } from '@/kit/seat'
import { demands } from './bank'

export const DEVICES = ['customer', 'shop', 'operator'] as const
export type DeviceSeat = (typeof DEVICES)[number]
export const SEATS = [...DEVICES, 'promoter', 'approver'] as const
export type Seat = (typeof SEATS)[number]

const PIN = 'junzi.tour.pin'
const DONE = 'junzi.tour.done'

/**
 * Signs everybody in whom the address names after its #, as `customer=handle:password&…&pin=…`. What stands there is not sent to the
 * server by the browser, and is taken out of the address at once. False when somebody is not signed in afterwards.
 */
export async function takeSeats(): Promise<boolean> {
  const told = new URLSearchParams(location.hash.slice(1))
  if (told.has('pin')) {
    sessionStorage.setItem(PIN, told.get('pin') ?? '')
    history.replaceState(history.state, '', location.pathname)
  }
  for (const seat of SEATS) {
    const [handle = '', password = ''] = (told.get(seat) ?? '').split(':')
    if (handle) await post<Me>('/api/sessions', { handle, password }, { seat })
  }
  try {
    const sitting = await Promise.all(SEATS.map(whoSits))
    // What they see is for the visitor to read.
    const others = SEATS.filter((_, at) => sitting[at]!.locale !== locale.value)
    await Promise.all(others.map((seat) => patch('/api/me', { locale: locale.value }, { seat })))
    return sessionStorage.getItem(PIN) !== null
  } catch (error) {
    if (error instanceof Refused && error.slug === 'not-signed-in') return false
    throw error
  }
}

/** Somebody looks at the town, so that its residents go on with their day. Should it not be heard, the next one is. */
export const tellLooking = () => post('/api/ops/tour/looks', {}, { seat: 'operator' }).catch(() => undefined)

/** Asked under an address of its own: a browser may answer `/api/me` by what the page itself asked, whatever the headers say. */
export const whoSits = (seat: Seat) => get<Me>(`/api/me?seat=${seat}`, { seat })

/** Waits until the page of a seat knows who sits there now: until then it is busy forgetting whoever sat there before. */
export async function noticed(seat: Seat): Promise<void> {
  const { id } = await whoSits(seat)
  const known = () => JSON.parse(localStorage.getItem(kept('me', seat)) ?? 'null') as Me | null
  await demands(async () => known()?.id === id || null)
}

/** How many steps are done: the story goes on where it was, also after the page was loaded again. */
export const stepsDone = () => Number(sessionStorage.getItem(DONE) ?? 0)
export const keepDone = (steps: number) => sessionStorage.setItem(DONE, String(steps))
export const pin = () => sessionStorage.getItem(PIN) ?? ''
