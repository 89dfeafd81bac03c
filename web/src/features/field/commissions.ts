/** What promoters earn by shops that they signed up. */
import { get, post, remove } from '@/kit/api/client'
import type { Person } from '@/kit/api/types'
import { attempt } from '@/kit/attempts'

export interface Commission {
  id: string
  promoter: Person | null
  shop: string
  amount_minor: number
  state: 'promised' | 'due' | 'paid' | 'lapsed' | 'over_budget'
  stands_on: string | null
  payers: number | null
  /** How many different people have paid there by now; who got their money back is none of them. */
  paid_there: number
  promised_at: string
  paid_at: string | null
}

export interface CommissionRule {
  id: string
  amount_minor: number
  after_days: number | null
  payers: number | null
  budget_minor: number
  set_at: string
  ended_at: string | null
  promised_minor: number
  paid_minor: number
}

export interface NewRule {
  amount_minor: number
  budget_minor: number
  after_days: number | null
  payers: number | null
}

export const myCommissions = async () => (await get<{ commissions: Commission[] }>('/api/field/commissions')).commissions
export const commissionBooks = () => get<{ rules: CommissionRule[]; commissions: Commission[] }>('/api/ops/commissions')
export const setRule = (rule: NewRule) => attempt('commission', rule, (key) => post<{ id: string }>('/api/ops/commissions', rule, { key }))
export const endRule = () => remove('/api/ops/commissions')
