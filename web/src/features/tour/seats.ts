/** Who sits where in the tour, and asking the server as one of them. The link that the terminal printed signs them in. */
import { get, post, Refused } from '@/kit/api/client'
import type { Me } from '@/kit/api/types'

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
    await Promise.all(SEATS.map(whoSits))
    return sessionStorage.getItem(PIN) !== null
  } catch (error) {
    if (error instanceof Refused && error.slug === 'not-signed-in') return false
    throw error
  }
}

/** Asked under an address of its own: a browser may answer `/api/me` by what the page itself asked, whatever the headers say. */
export const whoSits = (seat: Seat) => get<Me>(`/api/me?seat=${seat}`, { seat })
/** How many steps are done: the story goes on where it was, also after the page was loaded again. */
export const stepsDone = () => Number(sessionStorage.getItem(DONE) ?? 0)
export const keepDone = (steps: number) => sessionStorage.setItem(DONE, String(steps))
export const pin = () => sessionStorage.getItem(PIN) ?? ''
