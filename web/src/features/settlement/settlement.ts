/** A shop's money: what there is, where it goes, what went, and the statements that account for it. */
import { attempt } from '@/kit/attempts'
import { get, patch, post, put } from '@/kit/api/client'
import type { Card } from '@/kit/api/types'

export interface BankAccount {
  card: Card
  automatic: boolean
  since: string
}
export interface Payout {
  id: string
  state: 'processing' | 'done' | 'returned' | 'refused'
  amount_minor: number
  automatic: boolean
  card: Card
  reason: string | null
  at: string
  finished_at: string | null
}
export interface ShopMoney {
  balance_minor: number
  bank_account: BankAccount | null
  permyriad: number
  least_minor: number
  morning: string
  payouts: Payout[]
  more: boolean
}
export interface Statement {
  first: string
  last: string
  opening_minor: number
  sums: Record<'count' | 'sold_minor' | 'paid_minor' | 'by_operator_minor' | 'by_shop_minor' | 'refunded_minor' | 'fees_minor' | 'paid_out_minor' | 'campaigns_minor' | 'other_minor' | 'net_minor', number>
  closing_minor: number
}
export interface FeeLine {
  shop_id: string
  shop_name: string
  picture: string
  place: string
  permyriad: number
}
export interface Agreement {
  id: string
  permyriad: number
  valid_from: string
  agreed_by: { name: string; handle: string; avatar: number }
  agreed_at: string
}
export interface PayoutLine {
  id: string
  shop_name: string
  picture: string
  amount_minor: number
  automatic: boolean
  state: Payout['state']
  reason: string | null
  bank_name: string
  last4: string
  at: string
}

export const loadMoney = (shop: string) => get<ShopMoney>(`/api/shops/${shop}/money`)
export const chooseAccount = (shop: string, card_id: string, pin: string) => put<BankAccount>(`/api/shops/${shop}/bank-account`, { card_id, pin })
export const turnAutomatic = (shop: string, automatic: boolean) => patch<BankAccount>(`/api/shops/${shop}/bank-account`, { automatic })
export const payOut = (shop: string, amount_minor: number, pin: string) =>
  attempt(`payout.${shop}`, { amount_minor }, (key) => post<Payout>(`/api/shops/${shop}/payouts`, { amount_minor, pin }, { key, timeout_ms: 45_000 }))
export const payoutNow = (shop: string, id: string) => get<Payout>(`/api/shops/${shop}/payouts/${id}`)
export const loadPayouts = (shop: string, before: string) => get<{ payouts: Payout[]; more: boolean }>(`/api/shops/${shop}/payouts?before=${before}`)
/** A busy shop's month takes a while to be made. */
export const STATEMENT_PATIENCE = { timeout_ms: 120_000 }
export const loadStatement = (shop: string, span: string) => get<Statement>(`/api/shops/${shop}/statement?${span}`, STATEMENT_PATIENCE)

export const loadFees = (before?: string) => get<{ shops: FeeLine[]; more: boolean }>(`/api/ops/fees${before ? `?before=${before}` : ''}`)
export const loadAgreements = async (shop: string) => (await get<{ agreements: Agreement[] }>(`/api/ops/fees/${shop}/agreements`)).agreements
export const agree = (shop: string, permyriad: number, from_date: string | null) =>
  attempt(`agree.${shop}`, { permyriad, from_date }, (key) => post<Agreement>(`/api/ops/fees/${shop}/agreements`, { permyriad, from_date }, { key }))
export const loadDeskPayouts = async () => (await get<{ payouts: PayoutLine[] }>('/api/ops/payouts?limit=50')).payouts

/** Hundredths of a percent as people write them: `percent(38)` is `0.38 %`. */
export const percent = (permyriad: number) => `${(permyriad / 100).toFixed(2)} %`
