/** Small things this device remembers. Storage may be refused (private windows): then they last as long as the page. */
import { kept } from './seat'

const here = new Map<string, string>()

export function recall<T>(name: string, otherwise: T): T {
  const text = read(kept(name))
  if (text === null) return otherwise
  try {
    return JSON.parse(text) as T
  } catch {
    return otherwise
  }
}

export function remember(name: string, value: unknown) {
  const text = JSON.stringify(value)
  here.set(kept(name), text)
  try {
    localStorage.setItem(kept(name), text)
  } catch {
    // Kept in memory above.
  }
}

export function forget(name: string) {
  here.delete(kept(name))
  try {
    localStorage.removeItem(kept(name))
  } catch {
    // There is nothing to remove then.
  }
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(name) ?? here.get(name) ?? null
  } catch {
    return here.get(name) ?? null
  }
}
