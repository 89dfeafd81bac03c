/**
 * What happens in the tour, step by step. Each does what the person of a seat would do by hand, by the same requests, and then says what
 * the devices are to show. Whatever is there already, because the step was half done or the tour was taken before, is left as it is. Told
 * again, it is about other people and another shop (cast.ts).
 */
import { get, post, put } from '@/kit/api/client'
import type { Binding, Campaign, Conversation, Order, Payment, Shop, Wallet } from '@/kit/api/types'
import { t } from '@/kit/i18n'
import { demands, enterTestCard } from './bank'
import type { Gate, Ratio, Rival, Survey } from '@/features/growth/third'
import { castNow, place, standing } from './cast'
import { asNew, NotDone, once } from './once'
import { pin, whoSits, type DeviceSeat } from './seats'

/** Which page each device opens. already: in this town it was done before */
export type Shown = Partial<Record<DeviceSeat, string>> & { already?: boolean }

export interface Step {
  name: string
  run: () => Promise<Shown>
}

interface Look {
  survey_id: string
  place_id: string
}

const PRICE_MINOR = 3600
const PATIENCE_MS = 60_000
const FOLLOW_UP = { zh: '三分之一庆祝券', en: 'A third is ours' }

export const STEPS: Step[] = [
  { name: 'chat', run: chat },
  { name: 'card', run: card },
  { name: 'wish', run: wish },
  { name: 'ask', run: ask },
  { name: 'agree', run: agree },
  { name: 'spend', run: spend },
  { name: 'third', run: third },
  { name: 'follow', run: follow },
]

async function chat(): Promise<Shown> {
  const keeper = await whoSits('shop')
  const talk = await post<Conversation>('/api/conversations', { person_id: keeper.id }, { seat: 'customer' })
  const again = castNow() !== null
  const said = { kind: 'text', payload: { text: t(again ? 'townTour.saidAgain' : 'townTour.said') } }
  await once('said', (client_id) => post(`/api/conversations/${talk.id}/messages`, { client_id, ...said }, { seat: 'customer' }))
  // The keeper of another shop does not know who writes.
  if (again) await post(`/api/conversations/${talk.id}/acceptance`, {}, { seat: 'shop' })
  return { customer: `/chat/${talk.id}`, shop: `/chat/${talk.id}` }
}

async function card(): Promise<Shown> {
  const me = await whoSits('customer')
  if (!me.has_pin) await put('/api/me/payment-pin', { pin: pin() }, { seat: 'customer' })
  const already = (await walletOf()).cards.length > 0
  if (!already) {
    const binding = await once('binding', (key) => post<Binding>('/api/cards/bindings', {}, { seat: 'customer', key }))
    if (binding.state === 'started') await enterTestCard(binding.page_url, me.name)
    const bound = await post<Binding>(`/api/cards/bindings/${binding.id}/confirmation`, {}, { seat: 'customer' })
    if (bound.state !== 'bound') {
      asNew('binding')
      throw new NotDone(t('townTour.notBound'))
    }
    await demands(async () => (await coupons()).length || null, PATIENCE_MS)
  }
  return { customer: '/coupons', operator: '/ops', already }
}

async function wish(): Promise<Shown> {
  const already = (await shop()) !== null
  if (!already) await post(`/api/street/${(await place()).id}/wishes`, {}, { seat: 'customer' })
  return { customer: '/street', operator: '/ops/street', already }
}

async function ask(): Promise<Shown> {
  const opened = await shop()
  if (opened) return { shop: `/shops/${opened.id}`, already: true }
  const { id, name, trade, address, area_id } = await place()
  const sign_up = { place_id: id, shop: { name, trade, place: address, picture: castNow() ? '🏪' : '🥐', area_id }, owner_handle: (await whoSits('shop')).handle }
  if (!(await asked())) await once('sign_up', (key) => post('/api/field/sign-ups', sign_up, { seat: 'promoter', key }))
  const waiting = await asked()
  if (!waiting) {
    // One that she declined, or that waited too long, is over.
    asNew('sign_up')
    throw new NotDone(t('townTour.notAsked'))
  }
  return { shop: `/s/${waiting.token}` }
}

async function agree(): Promise<Shown> {
  const already = (await shop()) !== null
  const waiting = await asked()
  if (waiting) await post(`/api/sign-ups/${waiting.token}/agreements`, {}, { seat: 'shop' })
  const opened = await demands(shop)
  return { shop: `/shops/${opened.id}`, operator: '/ops/street', already }
}

async function spend(): Promise<Shown> {
  const opened = await demands(shop)
  const price = { code: opened.code.url, amount_minor: PRICE_MINOR }
  const order = await once('order', (key) => post<Order>('/api/orders', price, { seat: 'customer', key }))
  const paid = order.payment ?? (await once('payment', (key) => payFor(order, key)))
  if (order.state !== 'expired' && order.state !== 'closed' && paid.state !== 'refused') return { customer: `/paid/${paid.id}` }
  asNew('order', 'payment')
  throw new NotDone(t('townTour.notPaid'))
}

function payFor(order: Order, key: string): Promise<Payment> {
  const enough = order.balance_minor >= order.amount_minor
  const choice = { coupon_ids: order.best_coupon_ids, funding: enough ? 'balance' : 'card', card_id: enough ? null : (order.cards[0]?.id ?? null), pin: pin() }
  return post<Payment>(`/api/orders/${order.id}/payments`, choice, { seat: 'customer', key, timeout_ms: 45_000 })
}

/** The operator has every place looked at, beside every other wallet; the promoter notes what hangs there. */
async function third(): Promise<Shown> {
  const { rivals } = await get<{ rivals: Rival[] }>('/api/ops/rivals', { seat: 'operator' })
  const street = (await standing()).map((one) => one.place)
  for (const { id: rival_id } of rivals) {
    if ((await surveys()).some((one) => one.rival_id === rival_id)) continue
    const drawn = { rival_id, counts: 'codes', places: street.length }
    await once(`survey ${rival_id}`, (key) => post('/api/ops/surveys', drawn, { seat: 'operator', key }))
  }
  const under_way = new Map((await surveys()).map((one) => [one.id, one.rival_id]))
  const looks = await get<{ places: Look[] }>('/api/field/looks', { seat: 'promoter' })
  for (const { survey_id, place_id } of looks.places) {
    const rival_id = under_way.get(survey_id)
    const seen = street.find((one) => one.id === place_id)
    if (!rival_id || !seen) continue
    const theirs = seen.codes.some((code) => code.rival_id === rival_id && (code.state === 'live' || code.state === 'threatened'))
    const ours = seen.wallets === 'ours' || seen.wallets === 'both'
    await put(`/api/field/surveys/${survey_id}/places/${place_id}`, { ours: Number(ours), rivals: Number(theirs) }, { seat: 'promoter' })
  }
  for (const id of under_way.keys()) await post(`/api/ops/surveys/${id}/closings`, {}, { seat: 'operator' })
  // What was counted now is what the gate goes by.
  await demands(async () => {
    const { ratios, gate } = await get<{ ratios: Ratio[]; gate: Gate }>('/api/ops/ratio?counts=codes', { seat: 'operator' })
    const counted = [...under_way.keys()].every((id) => ratios.some((one) => one.survey_id === id))
    return (counted && gate.open) || null
  }, PATIENCE_MS)
  return { operator: '/ops/third' }
}

async function follow(): Promise<Shown> {
  const cast = castNow()
  const called = cast ? { zh: `${FOLLOW_UP.zh} · ${cast.name}`, en: `${FOLLOW_UP.en} · ${cast.name}` } : FOLLOW_UP
  const { campaigns } = await get<{ campaigns: Campaign[] }>('/api/ops/campaigns', { seat: 'operator' })
  const already = campaigns.some(({ title, state }) => state === 'running' && typeof title === 'object' && title.zh === called.zh)
  if (!already) {
    const offer = { kind: 'fixed', amount_minor: 500, threshold_minor: 1500, percent: 0, least_minor: 0 }
    const draft = { title: called, trigger: 'claim', offers: [offer], budget_minor: 100_000, budget_pieces: 200, valid_days: 7, follow_up: true }
    const drafted = await once('campaign', (key) => post<{ id: string }>('/api/ops/campaigns', draft, { seat: 'operator', key }))
    await post(`/api/ops/campaigns/${drafted.id}/approvals`, {}, { seat: 'approver' })
  }
  return { operator: '/ops/campaigns', customer: '/coupons', already }
}

const walletOf = () => get<Wallet>('/api/wallet', { seat: 'customer' })
const coupons = async () => (await get<{ coupons: object[] }>('/api/coupons?state=available', { seat: 'customer' })).coupons

async function shop(): Promise<Shop | null> {
  const { shops } = await get<{ shops: Shop[] }>('/api/shops', { seat: 'shop' })
  return shops.find((one) => one.role === 'owner') ?? null
}

/** Of codes, under way: of each rival one at most. */
async function surveys(): Promise<Survey[]> {
  const found = await get<{ surveys: Survey[] }>('/api/ops/surveys', { seat: 'operator' })
  return found.surveys.filter((one) => one.counts === 'codes' && !one.closed_at)
}

async function asked(): Promise<{ token: string } | undefined> {
  const { sign_ups } = await get<{ sign_ups: { token: string; state: string }[] }>('/api/sign-ups', { seat: 'shop' })
  return sign_ups.find((one) => one.state === 'asked')
}
