/**
 * Requests of the tour that must not be made twice, though a step is pressed again after half of it was done: each goes out under the
 * key that it had before, until the tour begins again.
 */
import { isDefinite } from '@/kit/attempts'
import { newId } from '@/kit/ids'

/** A step was not done; the message says to the visitor what to do. */
export class NotDone extends Error {}

const KEYS = 'junzi.tour.keys'

export async function once<T>(name: string, send: (key: string) => Promise<T>): Promise<T> {
  const keys = kept()
  const key = (keys[name] ??= newId())
  keep(keys)
  try {
    return await send(key)
  } catch (error) {
    // What was refused did not happen, and is another thing when it is asked again.
    if (isDefinite(error)) asNew(name)
    throw error
  }
}

/** Whatever is asked under these names from now on is another thing. Without names: everything. */
export function asNew(...names: string[]) {
  const keys = kept()
  for (const name of names.length ? names : Object.keys(keys)) delete keys[name]
  keep(keys)
}

const kept = () => JSON.parse(sessionStorage.getItem(KEYS) ?? '{}') as Record<string, string>
const keep = (keys: Record<string, string>) => sessionStorage.setItem(KEYS, JSON.stringify(keys))
