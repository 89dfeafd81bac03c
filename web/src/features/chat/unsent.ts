/** A message that its writer sees and the server has not confirmed. */
import type { Problem } from '@/kit/api/client'
import type { Media } from '@/kit/api/types'

/** A file that goes ahead of its message. `media_id` is this device's own name for it, so sending it again is harmless. */
export interface Attachment {
  media_id: string
  kind: Media['kind']
  name: string
  blob: Blob
  there: boolean
}

export interface Unsent {
  client_id: string
  conversation_id: string
  kind: string
  payload: Record<string, unknown>
  attachments?: Attachment[]
  at: string
  /** queued: goes out by itself once there is a connection; failed: was refused or not answered, and asks for the writer */
  state: 'queued' | 'uploading' | 'sending' | 'failed'
  /** How much of the attachments has gone out, from 0 to 1. */
  progress?: number
  problem?: Problem
}
