/** The ledger as the operator reads it. Timestamps are nanoseconds in strings: they are bounds of pages, never numbers here. */
import { get } from '@/kit/api/client'
import { hasWords, t } from '@/kit/i18n'
import { money } from '@/kit/town'

export interface LedgerAccount {
  id: string
  ledger: number
  code: number
  flags: string[]
  user_data_128: string | null
  user_data_64: string
  user_data_32: number
  debits_pending: number
  debits_posted: number
  credits_pending: number
  credits_posted: number
  timestamp: string
  at: string
}

export interface LedgerTransfer {
  id: string
  debit_account_id: string
  credit_account_id: string
  amount: number
  pending_id: string | null
  user_data_128: string | null
  user_data_64: string
  user_data_32: number
  timeout_s: number
  ledger: number
  code: number
  flags: string[]
  timestamp: string
  at: string
}

export interface TransferPage {
  transfers: LedgerTransfer[]
  next: string | null
}

const PAGE = 20
/** Pieces are counted in a ledger of their own; every other one is money. */
const PIECES = 1000
const ID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

export const isId = (text: string) => ID.test(text)
export const loadAccount = (id: string) => get<LedgerAccount>(`/api/ops/ledger/accounts/${id}`)
export const loadTransfer = (id: string) => get<LedgerTransfer>(`/api/ops/ledger/transfers/${id}`)

/** The newest transfers, of one account or of all; `next` of a page asks for the one before it in time. */
export function listTransfers(account: string | null, next: string | null): Promise<TransferPage> {
  const of = account ? `accounts/${account}/transfers` : 'transfers'
  return get<TransferPage>(`/api/ops/ledger/${of}?limit=${PAGE}${next ? `&timestamp_max=${next}` : ''}`)
}

export const amountOf = (amount: number, ledger: number) => (ledger === PIECES ? t('ledger.pieces', { count: amount }) : money(amount))
export const accountName = (code: number) => (hasWords(`ledger.account_${code}`) ? t(`ledger.account_${code}`) : t('ledger.accountOf', { code }))
export const transferName = (code: number) => (hasWords(`ledger.transfer_${code}`) ? t(`ledger.transfer_${code}`) : t('ledger.transferOf', { code }))
/** Enough of an id to tell it from the others on the page: its end, where the leg or the owner's byte is. */
export const shortId = (id: string) => `…${id.slice(-12)}`
