/** Who comes and comes again, and what coupons move, as the operator's page of people shows it. */
import { get } from '@/kit/api/client'

export const SPANS = ['day', 'week', 'month'] as const
export type By = (typeof SPANS)[number]

export interface Span {
  first: string
  last: string
  actives: number
  new: number
  kept: number
  returned: number
  lost: number
  chat_actives: number
  pay_actives: number
  stickiness: number
  habit: number
}

export interface CouponDay {
  date: string
  coupon_minor: number
  sales_minor: number
  bare: number
  bare_after: number
}

const COUNTS: Record<By, number> = { day: 28, week: 16, month: 12 }
const COUPON_DAYS = 28

export const loadSpans = async (by: By) => (await get<{ spans: Span[] }>(`/api/ops/people?by=${by}&count=${COUNTS[by]}`)).spans
export const loadCouponDays = async () => (await get<{ days: CouponDay[] }>(`/api/ops/coupon-days?count=${COUPON_DAYS}`)).days
export const csvOfPeople = (by: By) => `/api/ops/people.csv?by=${by}`
export const CSV_OF_COUPONS = '/api/ops/coupon-days.csv'
