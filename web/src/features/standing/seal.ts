/** What the moving seal shows at a moment: drawn from the server's frames, nothing of it is made up here. */
import { get } from '@/kit/api/client'

export interface Seal {
  now: string
  slot_ms: number
  first_ms: number
  frames: { signs: number[]; hue: number }[]
  over: boolean
}

/** Twelve signs that can be told apart at arm's length and have a short name. Each fits into a square of 26 around the middle. */
export const SIGNS = [
  { name: 'sun', path: 'M0-5a5 5 0 1 0 .01 0ZM-1.2-12h2.4v4.4h-2.4ZM-1.2 7.6h2.4V12h-2.4ZM-12-1.2h4.4v2.4H-12ZM7.6-1.2H12v2.4H7.6ZM-9.3-7.6l1.7-1.7 3.1 3.1-1.7 1.7ZM4.5 6.2l1.7-1.7 3.1 3.1-1.7 1.7ZM7.6-9.3l1.7 1.7-3.1 3.1-1.7-1.7ZM-6.2 4.5l1.7 1.7-3.1 3.1-1.7-1.7Z' },
  { name: 'moon', path: 'M4-11A11.5 11.5 0 1 0 11 6 9.5 9.5 0 0 1 4-11Z' },
  { name: 'star', path: 'm0-12 3.5 7.8 8.4.9-6.2 5.8 1.7 8.5L0 6.8-7.4 11l1.7-8.5-6.2-5.8 8.4-.9Z' },
  { name: 'leaf', path: 'M-10 10C-13-4-4-12 11-11 12 4 4 13-8 9l8-9-9.5 8.5Z' },
  { name: 'fish', path: 'M-12 0C-7-8 3-8 7-1l5-5v12L7 1C3 8-7 8-12 0ZM-7-1.6a1.6 1.6 0 1 0 .01 0Z' },
  { name: 'mountain', path: 'M-12 10-4-6l3 5 4-9 9 20Z' },
  { name: 'drop', path: 'M0-12C6-4 9 0 9 4A9 9 0 0 1-9 4C-9 0-6-4 0-12Z' },
  { name: 'heart', path: 'M0 11-9.5 1.5A6 6 0 0 1 0-6.5 6 6 0 0 1 9.5 1.5Z' },
  { name: 'house', path: 'M0-11 12-1H9v11H3V3h-6v7h-6V-1h-3Z' },
  { name: 'bell', path: 'M0-12c6 0 7 5 7 9 0 6 3 7 4 10h-22c1-3 4-4 4-10 0-4 1-9 7-9ZM-3.5 8.5h7A3.5 3.5 0 0 1-3.5 8.5Z' },
  { name: 'boat', path: 'M-1-12V4h-10Zm2 3 9 13H1ZM-12 6h24l-5 6H-7Z' },
  { name: 'flower', path: 'M0-12a5 5 0 0 1 4.6 7A5 5 0 0 1 11 2a5 5 0 0 1-6 5 5 5 0 0 1-10 0 5 5 0 0 1-6-5 5 5 0 0 1 6.4-7A5 5 0 0 1 0-12ZM0-3a3 3 0 1 1-.01 0Z' },
] as const

export const loadPaymentSeal = (payment: string) => get<Seal>(`/api/payments/${payment}/seal`)
export const loadShopSeal = (shop: string) => get<Seal>(`/api/shops/${shop}/seal`)

/** The frame of that moment, and how much of its time is left; null when the server gave none for it. */
export function signAt(seal: Seal, at_ms: number): { slot: number; signs: number[]; hue: number; share: number } | null {
  const slot = Math.floor(at_ms / seal.slot_ms)
  const frame = seal.frames[slot - Math.floor(seal.first_ms / seal.slot_ms)]
  if (!frame) return null
  return { slot, ...frame, share: 1 - (at_ms % seal.slot_ms) / seal.slot_ms }
}

/** Fine loops between two rings, as banknotes have: how many and how wide follows from the frame. Drawn several times, each a little turned. */
export function rosette(signs: number[]): { path: string; turn: number } {
  const petals = 7 + (signs[0] ?? 0)
  const depth = 8 + (signs[1] ?? 0) / 2
  const points: string[] = []
  for (let step = 0; step <= 360; step += 1.5) {
    const angle = (step * Math.PI) / 180
    const radius = 77 + depth * Math.sin(petals * angle) * Math.cos(((signs[2] ?? 0) % 3) * angle)
    points.push(`${(radius * Math.cos(angle)).toFixed(1)} ${(radius * Math.sin(angle)).toFixed(1)}`)
  }
  return { path: `M${points.join('L')}Z`, turn: 360 / petals / 5 }
}
