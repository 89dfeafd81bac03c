/** What a campaign promises, in one line each. */
import { t } from '@/kit/i18n'
import { shortMoney } from '@/kit/town'
import type { Offer } from './campaigns'

export function offerWords(offer: Offer): string {
  const from = offer.threshold_minor ? t('coupons.from', { amount: shortMoney(offer.threshold_minor) }) : t('coupons.noThreshold')
  const worth =
    offer.kind === 'percent' ? t('desk.percentOff', { percent: offer.percent, cap: shortMoney(offer.amount_minor) })
    : offer.least_minor ? `${shortMoney(offer.least_minor)} – ${shortMoney(offer.amount_minor)}`
    : shortMoney(offer.amount_minor)
  return `${t(`desk.kind_${offer.kind}`)} · ${worth} · ${from}`
}
