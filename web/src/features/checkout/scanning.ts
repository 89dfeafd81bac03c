/** From what a camera read to what can be done with it. The last answer is kept: going on to pay isn't a second scan. */
import { post } from '@/kit/api/client'
import type { Scanned } from '@/kit/api/types'
import { recall } from '@/kit/memory'
import { where } from '@/kit/where'

const resolved = new Map<string, Scanned>()

/** How long a scan waits for the device to say where it is, when its person let it. */
const PATIENCE_MS = 1500
const away = new Map<string, { kilometres: number }>()

/** What was said of a shop whose code was scanned far from it. */
export const awayFrom = (shop: string) => away.get(shop) ?? null

export async function scan(text: string): Promise<Scanned> {
  const position = recall('scan.near', false) ? await where(10, PATIENCE_MS).catch(() => null) : null
  const scanned = await post<Scanned>('/api/scans', { text, ...(position ? { position } : {}) })
  if (scanned.kind !== 'person' && scanned.away) away.set(scanned.shop.id, scanned.away)
  resolved.set(scanned.code, scanned)
  return scanned
}

/** A group's invitation, a desk that wants to sign in and a shop that a promoter signs up are pages of ours, whatever the address they were drawn with. */
export function pageIn(text: string): string | null {
  return /^https?:\/\/[^/]+(\/(?:g|q|s)\/[\w-]{1,200})$/.exec(text.trim())?.[1] ?? null
}

export async function resolve(code: string): Promise<Scanned> {
  return resolved.get(code) ?? scan(code)
}

export function placeFor(scanned: Scanned): string {
  return scanned.kind === 'shop' ? `/checkout/${scanned.code}` : `/c/${scanned.code}`
}
