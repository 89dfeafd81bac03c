/** A rival's move as the campaign that answers it: at least as much off, from the same sum on, and the rest as our template has it. */
import { emptyOffer, type Draft } from '@/features/coupons/campaigns'
import { TEMPLATES } from '@/features/coupons/templates'
import type { Move } from './flags'

export function answerDraft(move: Pick<Move, 'kind' | 'face_minor' | 'threshold_minor'>, decimals: number): Partial<Draft> {
  const filled = TEMPLATES.find((one) => one.name === (move.kind === 'packet' ? 'packets' : 'answer'))!.fill()
  const offer = { ...emptyOffer(), ...filled.offers?.[0] }
  const whole = (minor: number) => minor / 10 ** decimals
  if (move.face_minor !== null) offer.amount = whole(move.face_minor)
  if (move.threshold_minor !== null && offer.kind !== 'packet') offer.threshold = whole(move.threshold_minor)
  offer.least = Math.min(offer.least, offer.amount)
  return { ...filled, offers: [offer] }
}
