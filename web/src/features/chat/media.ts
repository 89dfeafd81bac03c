/** Pictures, voices and files: where they are read, how large they are shown, and what is done before they are sent. */
import type { Picture } from '@/kit/api/types'
import { newId } from '@/kit/ids'
import { smaller } from '@/kit/photo'
import type { Attachment } from './unsent'

export const MOST_PICTURES = 9
export const MOST_FILE_BYTES = 100 * 1024 * 1024
const MOST_PICTURE_BYTES = 20 * 1024 * 1024

export type Size = 'small' | 'screen' | 'original'

export const mediaUrl = (conversation: string, media: string, size?: Size) =>
  `/api/conversations/${conversation}/media/${media}${size ? `?size=${size}` : ''}`

/** "3.2 MB" */
export function sizeWords(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  const power = Math.min(3, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const amount = bytes / 1024 ** power
  return `${amount >= 10 || power === 0 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`
}

/** "0:07" */
export function durationWords(duration_ms: number): string {
  const seconds = Math.max(1, Math.round(duration_ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** The box in which a picture alone is shown, so that nothing moves when it comes. */
export function boxOf(picture: Pick<Picture, 'width' | 'height'>): { width: number; height: number } {
  const [width, height] = [picture.width || 1, picture.height || 1]
  const scale = Math.min(220 / width, 260 / height, 1)
  return { width: Math.max(72, Math.round(width * scale)), height: Math.max(72, Math.round(height * scale)) }
}

export interface Chosen {
  attachment: Attachment
  width: number
  height: number
}

/** A picture as it is sent: small, unless the person wants the original. Raises TooLarge. */
export async function preparePicture(file: File, original: boolean): Promise<Chosen> {
  const { blob, width, height } = await smaller(file, original)
  if (blob.size > MOST_PICTURE_BYTES) throw new TooLarge(MOST_PICTURE_BYTES)
  return { attachment: attach(blob, 'picture', file.name), width, height }
}

/** Raises TooLarge. */
export function prepareFile(file: File): Attachment {
  if (file.size > MOST_FILE_BYTES) throw new TooLarge(MOST_FILE_BYTES)
  return attach(file, 'file', file.name)
}

export const attach = (blob: Blob, kind: Attachment['kind'], name: string): Attachment => ({ media_id: newId(), kind, name: name.slice(-200) || kind, blob, there: false })

export class TooLarge extends Error {
  constructor(readonly most_bytes: number) {
    super(`at most ${most_bytes} bytes`)
  }
}
