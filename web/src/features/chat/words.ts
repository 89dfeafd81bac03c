/** Conversations and messages in one line: for the list, for headings, for a screen reader. */
import { factsOf, type Conversation, type Message, type Named } from '@/kit/api/types'
import { either, hasWords, locale, t } from '@/kit/i18n'
import { dayAndClock } from '@/kit/time'
import { money } from '@/kit/town'
import { me } from '@/features/people/session'
import { percent } from '@/features/settlement/settlement'
import { durationWords } from './media'
import { memberOf, nameIn } from './members'

export function titleOf(conversation: Conversation): string {
  if (conversation.kind === 'service' && conversation.service) return t(`service.${conversation.service}`)
  const { group } = conversation
  if (group) return group.name || group.faces.filter((face) => face.id !== me.value?.id).slice(0, 4).map((face) => face.name).join(t('group.and')) || t('group.nobody')
  return conversation.peer?.name ?? conversation.title ?? ''
}

/** Who says a message, as this person sees them. */
export function speakerOf(conversation: Conversation, message: Message): { name: string; avatar: number } {
  if (message.sender_id !== null && message.sender_id === me.value?.id) return me.value
  if (!conversation.group || !message.sender_id) return conversation.peer ?? { name: titleOf(conversation), avatar: 0 }
  return personIn(conversation, message.sender_id)
}

/** A member of a group, under the name they have chosen there; who has left is called by what is still known. */
export function personIn(conversation: Conversation, person: string): { name: string; avatar: number } {
  const member = memberOf(conversation.id, person)
  if (member) return { name: nameIn(member), avatar: member.person.avatar }
  return conversation.group?.faces.find((face) => face.id === person) ?? { name: t('group.somebody'), avatar: 0 }
}

/** The kinds that a person says, which stand in a bubble beside their face. */
export const isSaid = (message: Message) => ['text', 'pictures', 'voice', 'file', 'contact'].includes(message.kind)

export function lineOf(message: Message): string {
  const text = factsOf(message, 'text')
  if (text) return text.text
  const pictures = factsOf(message, 'pictures')
  if (pictures) return t('line.pictures', { count: pictures.pictures.length })
  const voice = factsOf(message, 'voice')
  if (voice) return t('line.voice', { length: durationWords(voice.duration_ms) })
  const file = factsOf(message, 'file')
  if (file) return t('line.file', { name: file.name })
  const contact = factsOf(message, 'contact')
  if (contact) return t('line.contact', { name: contact.name })
  if (factsOf(message, 'recalled')) return message.sender_id === me.value?.id ? t('line.recalledByMe') : t('line.recalled')
  if (message.kind.startsWith('group.') || message.kind === 'request.accepted') return groupLine(message)
  const made = factsOf(message, 'payment.made')
  if (made) return t('line.paid', { shop: made.shop_name, amount: money(made.paid_minor) })
  const received = factsOf(message, 'payment.received')
  if (received) return t('line.received', { name: received.payer_name, amount: money(received.amount_minor) })
  const topUp = factsOf(message, 'topup.done')
  if (topUp) return t('line.toppedUp', { amount: money(topUp.amount_minor) })
  const refused = factsOf(message, 'topup.refused')
  if (refused) return t('line.topUpRefused', { amount: money(refused.amount_minor) })
  const incoming = factsOf(message, 'transfer.received')
  if (incoming) return t('line.transferIn', { name: incoming.from_name, amount: money(incoming.amount_minor) })
  const outgoing = factsOf(message, 'transfer.sent')
  if (outgoing) return t('line.transferOut', { name: outgoing.to_name, amount: money(outgoing.amount_minor) })
  const given = factsOf(message, 'coupons.given')
  if (given) {
    const packets = given.coupons.filter((coupon) => coupon.packet).length
    const total = given.coupons.reduce((sum, coupon) => sum + coupon.amount_minor, 0)
    if (packets === given.coupons.length) return t('line.packets', { count: packets })
    return t('line.coupons', { count: given.coupons.length, amount: money(total) })
  }
  const withdrawn = factsOf(message, 'coupons.withdrawn')
  if (withdrawn) return t('line.withdrawn', { title: either(withdrawn.campaign_title), count: withdrawn.pieces })
  const share = factsOf(message, 'coupons.share_asked')
  if (share) return t('line.shareAsked', { shop: share.shop_name, title: either(share.campaign_title), amount: money(share.shop_minor) })
  const returned = factsOf(message, 'coupons.share_returned')
  if (returned) return t('line.shareReturned', { shop: returned.shop_name, amount: money(returned.amount_minor) })
  const brief = factsOf(message, 'ops.brief')
  if (brief) {
    const figure = (name: string) => brief.lines.find((line) => line.figure === name)?.value ?? 0
    return t('brief.line', { date: brief.date, scans: figure('scans'), payments: figure('payments') })
  }
  const approval = factsOf(message, 'ops.approval_asked')
  if (approval) return t('line.approvalAsked', { title: either(approval.campaign_title), rival: approval.rival })
  const signUp = factsOf(message, 'shop.sign_up_asked')
  if (signUp) return t('line.signUpAsked', { name: signUp.from_name, shop: signUp.shop_name })
  const asked = factsOf(message, 'contact.requested')
  if (asked) return t('line.asked', { name: asked.person.name })
  const accepted = factsOf(message, 'contact.accepted')
  if (accepted) return t('line.accepted', { name: accepted.person.name })
  const refunded = factsOf(message, 'payment.refunded')
  if (refunded) return t(refunded.coupons_back ? 'line.refundedWithCoupon' : 'line.refunded', { shop: refunded.shop_name, amount: money(refunded.payer_minor) })
  const gaveBack = factsOf(message, 'payment.refund_made')
  if (gaveBack) return t('line.gaveBack', { name: gaveBack.payer_name, amount: money(gaveBack.amount_minor) })
  if (message.kind.startsWith('shop.') && hasWords(`standing.told.${message.kind.slice(5)}`)) return t(`standing.told.${message.kind.slice(5)}`, standingFacts(message))
  if (message.kind.startsWith('shop.') && hasWords(`settlement.told.${message.kind.slice(5)}`)) return t(`settlement.told.${message.kind.slice(5)}`, moneyFacts(message))
  if (factsOf(message, 'friends.made')) return t('line.friendsMade')
  return message.fallback
}

/** What became of a shop's standing, as the sentence wants it. */
function standingFacts(message: Message): Record<string, unknown> {
  const { limit_minor: limit, question, reason } = message.payload as { limit_minor?: number | null; question: string; reason: string | null }
  return { limit: limit == null ? t('standing.noBound') : t('standing.aDayShort', { limit: money(limit) }), question, reason: reason ? t(`standing.reason.${reason}`) : '' }
}

/** Where a shop's money goes or went, as the sentence wants it. */
function moneyFacts(message: Message): Record<string, unknown> {
  const facts = message.payload as { bank_name?: string; last4?: string; amount_minor?: number; permyriad?: number; valid_from?: string }
  return {
    bank: facts.bank_name,
    last4: facts.last4,
    amount: money(facts.amount_minor ?? 0),
    rate: percent(facts.permyriad ?? 0),
    from: facts.valid_from ? dayAndClock(facts.valid_from, locale.value) : '',
  }
}

/** What happened in a group, with people by name and oneself as "you". */
function groupLine(message: Message): string {
  const facts = message.payload as { by?: Named; to?: Named; members?: Named[]; added?: Named[]; removed?: Named[]; name?: string; notice?: string; mute_all?: boolean; how?: string }
  const called = (one?: Named) => (one?.id === me.value?.id ? t('chat.you') : (one?.name ?? ''))
  const all = (some: Named[] = []) => some.slice(0, 8).map(called).join(t('group.and')) + (some.length > 8 ? t('group.andMore', { count: some.length - 8 }) : '')
  let key = message.kind === 'request.accepted' ? 'group.told.accepted' : `group.told.${message.kind.slice(6)}`
  if (message.kind === 'group.joined') key = facts.how === 'code' ? 'group.told.joinedByCode' : 'group.told.joined'
  if (message.kind === 'group.muted') key = facts.mute_all ? 'group.told.muted' : 'group.told.unmuted'
  if (message.kind === 'group.administrators') key = facts.added?.length ? 'group.told.promoted' : 'group.told.demoted'
  const people = all(facts.members ?? (facts.added?.length ? facts.added : facts.removed))
  return hasWords(key) ? t(key, { by: called(facts.by), to: called(facts.to), people, name: facts.name, notice: facts.notice }) : message.fallback
}
