/** From what a camera read to what can be done with it. The last answer is kept: going on to pay isn't a second scan. */
import { post } from '@/kit/api/client'
import type { Scanned } from '@/kit/api/types'

const resolved = new Map<string, Scanned>()

export async function scan(text: string): Promise<Scanned> {
  const scanned = await post<Scanned>('/api/scans', { text })
  resolved.set(scanned.code, scanned)
  return scanned
}

export async function resolve(code: string): Promise<Scanned> {
  return resolved.get(code) ?? scan(code)
}

export function placeFor(scanned: Scanned): string {
  return scanned.kind === 'shop' ? `/checkout/${scanned.code}` : `/c/${scanned.code}`
}
