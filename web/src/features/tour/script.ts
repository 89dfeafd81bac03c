/**
 * What happens in the tour, step by step. Each does what the person of a seat would do by hand, by the same requests, and then says what
 * the devices are to show.
 */
import { get, post, put } from '@/kit/api/client'
import type { Binding, Conversation, Order, Payment, Shop, Wallet } from '@/kit/api/types'
import { newId } from '@/kit/ids'
import { t } from '@/kit/i18n'
import { demands, enterTestCard } from './bank'
import { pin, whoSits, type DeviceSeat } from './seats'

/** Which page each device opens. */
export type Shown = Partial<Record<DeviceSeat, string>>

export interface Step {
  name: string
  run: () => Promise<Shown>
}

interface StreetPlace {
  id: string
  name: string
  trade: string
  address: string
  area_id: string | null
  wallets: string
}

const NUMBER = 'B-02'
const PRICE_MINOR = 3600
const GATE_PATIENCE_MS = 60_000

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
  const said = { client_id: newId(), kind: 'text', payload: { text: t('townTour.said') } }
  await post(`/api/conversations/${talk.id}/messages`, said, { seat: 'customer' })
  return { customer: `/chat/${talk.id}`, shop: `/chat/${talk.id}` }
}

async function card(): Promise<Shown> {
  const me = await whoSits('customer')
  if (!me.has_pin) await put('/api/me/payment-pin', { pin: pin() }, { seat: 'customer' })
  if (!(await walletOf()).cards.length) {
    const binding = await post<Binding>('/api/cards/bindings', {}, { seat: 'customer', key: newId() })
    await enterTestCard(binding.page_url, me.name)
    const bound = await post<Binding>(`/api/cards/bindings/${binding.id}/confirmation`, {}, { seat: 'customer' })
    if (bound.state !== 'bound') throw new Error(t('townTour.notBound'))
  }
  return { customer: '/coupons', operator: '/ops' }
}

async function wish(): Promise<Shown> {
  await post(`/api/street/${(await place()).id}/wishes`, {}, { seat: 'customer' })
  return { customer: '/street', operator: '/ops/street' }
}

async function ask(): Promise<Shown> {
  const { id, name, trade, address, area_id } = await place()
  if (!(await shop()) && !(await asked())) {
    const shop = { name, trade, place: address, picture: '🥐', area_id }
    const owner_handle = (await whoSits('shop')).handle
    await post('/api/field/sign-ups', { place_id: id, shop, owner_handle }, { seat: 'promoter', key: newId() })
  }
  const token = (await asked())?.token
  return { shop: token ? `/s/${token}` : '/shops' }
}

async function agree(): Promise<Shown> {
  const waiting = await asked()
  if (waiting) await post(`/api/sign-ups/${waiting.token}/agreements`, {}, { seat: 'shop' })
  const opened = await demands(shop)
  return { shop: `/shops/${opened.id}`, operator: '/ops/street' }
}

async function spend(): Promise<Shown> {
  const opened = await demands(shop)
  const order = await post<Order>('/api/orders', { code: opened.code.url, amount_minor: PRICE_MINOR }, { seat: 'customer', key: newId() })
  const enough = order.balance_minor >= PRICE_MINOR
  const choice = { coupon_ids: order.best_coupon_ids, funding: enough ? 'balance' : 'card', card_id: enough ? null : (order.cards[0]?.id ?? null), pin: pin() }
  const paid = await post<Payment>(`/api/orders/${order.id}/payments`, choice, { seat: 'customer', key: newId(), timeout_ms: 45_000 })
  return { customer: `/paid/${paid.id}` }
}

/** The operator has every place looked at, beside every other wallet; the promoter notes what hangs there. */
async function third(): Promise<Shown> {
  const { rivals } = await get<{ rivals: { id: string }[] }>('/api/ops/rivals', { seat: 'operator' })
  const street = await places()
  for (const rival of rivals) {
    const survey = await post<{ id: string }>('/api/ops/surveys', { rival_id: rival.id, counts: 'codes', places: street.length }, { seat: 'operator', key: newId() })
    for (const one of street) {
      const theirs = one.codes.some((code) => code.rival_id === rival.id && (code.state === 'live' || code.state === 'threatened'))
      const seen = { ours: one.wallets === 'ours' || one.wallets === 'both' ? 1 : 0, rivals: theirs ? 1 : 0 }
      await put(`/api/field/surveys/${survey.id}/places/${one.id}`, seen, { seat: 'promoter' })
    }
    await post(`/api/ops/surveys/${survey.id}/closings`, {}, { seat: 'operator' })
  }
  await demands(async () => (await gate()).open || null, GATE_PATIENCE_MS)
  return { operator: '/ops/third' }
}

async function follow(): Promise<Shown> {
  const title = { zh: '三分之一庆祝券', en: 'A third is ours' }
  const offer = { kind: 'fixed', amount_minor: 500, threshold_minor: 1500, percent: 0, least_minor: 0 }
  const draft = { title, trigger: 'claim', offers: [offer], budget_minor: 100_000, budget_pieces: 200, valid_days: 7, follow_up: true }
  const drafted = await post<{ id: string }>('/api/ops/campaigns', draft, { seat: 'operator', key: newId() })
  await post(`/api/ops/campaigns/${drafted.id}/approvals`, {}, { seat: 'approver' })
  return { operator: '/ops/campaigns', customer: '/coupons' }
}

const walletOf = () => get<Wallet>('/api/wallet', { seat: 'customer' })
const gate = async () => (await get<{ gate: { open: boolean } }>('/api/ops/ratio?counts=codes', { seat: 'operator' })).gate

async function shop(): Promise<Shop | null> {
  const { shops } = await get<{ shops: Shop[] }>('/api/shops', { seat: 'shop' })
  return shops.find((one) => one.role === 'owner') ?? null
}

async function asked(): Promise<{ token: string } | undefined> {
  const { sign_ups } = await get<{ sign_ups: { token: string; state: string }[] }>('/api/sign-ups', { seat: 'shop' })
  return sign_ups.find((one) => one.state === 'asked')
}

async function places(): Promise<(StreetPlace & { codes: { rival_id: string; state: string }[] })[]> {
  return (await kept()).map((one) => one.place)
}

async function place(): Promise<StreetPlace> {
  const found = (await kept()).find((one) => one.number === NUMBER)
  if (!found) throw new Error(t('townTour.noPlace'))
  return found.place
}

async function kept() {
  type Kept = { number: string | null; place: StreetPlace & { codes: { rival_id: string; state: string }[] } }
  return (await get<{ places: Kept[] }>('/api/ops/street?which=standing&search=', { seat: 'operator' })).places
}

