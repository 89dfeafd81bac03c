/** The way to the bank's page on which a card is bound, and from there to where the person was. */
import { recall, remember } from '@/kit/memory'
import { safeNext } from '@/kit/next'
import { noteKnownCoupons } from '@/features/coupons/coupons'
import { startBinding } from './wallet'

/** next: a page of ours that is offered once the card is bound. */
export async function leaveToBind(next = '') {
  await noteKnownCoupons()
  const binding = await startBinding()
  remember('bindingNext', { of: binding.id, next })
  location.assign(binding.page_url)
}

/** Where that binding began, if it did so in the middle of something else. */
export function whereBindingBegan(id: string): string {
  const kept = recall<{ of: string; next: string } | null>('bindingNext', null)
  return kept?.of === id && kept.next ? safeNext(kept.next) : ''
}
