/** A message that its writer sees and the server has not confirmed. */
import type { Problem } from '@/kit/api/client'

export interface Unsent {
  client_id: string
  conversation_id: string
  kind: string
  payload: Record<string, unknown>
  at: string
  /** queued: goes out by itself once there is a connection; failed: was refused or not answered, and asks for the writer */
  state: 'queued' | 'sending' | 'failed'
  problem?: Problem
}
