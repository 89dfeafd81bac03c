/** Where this device's person comes from, and what the device tells of itself once: that it opened the app, that it installed it. */
import { post } from './api/client'
import { newId } from './ids'
import { recall, remember } from './memory'

interface Device {
  id: string
  opened: boolean
  installed: boolean
}

/** The code of the link that first opened the app here; empty when none did. */
export const source = () => recall('from', '')

/** Keep the source that the address names, before any page changes the address. */
export function keepSource(search: string) {
  const named = new URLSearchParams(search).get('from') ?? ''
  if (/^[a-z0-9]{8}$/.test(named) && !source() && !recall('known', false)) remember('from', named)
}

/** Tell what this device has not told yet. What does not arrive is told when the app is opened again, under the same id. */
export async function tellOpening() {
  // A device on which somebody has signed in was opened before it could tell.
  if (!recall('known', false)) await tell('opened')
  if (matchMedia('(display-mode: standalone)').matches) await tell('installed')
  addEventListener('appinstalled', () => void tell('installed'))
}

async function tell(what: 'opened' | 'installed') {
  const device = recall<Device>('device', { id: newId(), opened: false, installed: false })
  remember('device', device)
  if (device[what]) return
  try {
    await post<void>('/api/openings', { id: device.id, what, source: source() })
    remember('device', { ...recall('device', device), [what]: true })
  } catch {
    // Next time.
  }
}
