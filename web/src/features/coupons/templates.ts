/** Campaigns that are there to begin with, so that a move is answered in minutes: a name, sums that may be changed, and the rest. */
import { emptyDraft, emptyOffer, type Draft } from './campaigns'

export interface Template {
  name: 'welcome' | 'lunch' | 'weekend' | 'packets' | 'shop' | 'answer'
  picture: string
  fill: () => Partial<Draft>
}

/** The coming Saturday and Sunday, or this one while it lasts. */
function weekend(): [Date, Date] {
  const start = new Date()
  const day = start.getDay()
  start.setDate(start.getDate() + (day === 0 ? -1 : 6 - day))
  start.setHours(0, 0, 0, 0)
  const end = new Date(start)
  end.setDate(end.getDate() + 2)
  return [start, end]
}

export const TEMPLATES: Template[] = [
  {
    name: 'welcome',
    picture: '🎁',
    fill: () => ({
      zh: '绑卡见面礼', en: 'Welcome gift for your card', trigger: 'card_bound', validDays: 30, stacking: 'house', budget: 20000, pieces: 3000,
      offers: [{ ...emptyOffer(), amount: 5, threshold: 15 }, { ...emptyOffer(), amount: 10, threshold: 30 }, { ...emptyOffer(), amount: 2, threshold: 0 }],
    }),
  },
  {
    name: 'lunch',
    picture: '🍜',
    fill: () => ({
      zh: '午餐满减', en: 'Lunch off', hours: [11, 14], stacking: 'event', perDay: 300, budget: 12000, pieces: 2000, trades: ['noodles', 'bakery', 'coffee'],
      offers: [{ ...emptyOffer(), amount: 6, threshold: 20 }],
    }),
  },
  {
    name: 'weekend',
    picture: '🛍️',
    fill: () => ({
      zh: '周末八折', en: 'Weekend: 20% off', window: weekend(), validDays: 2, stacking: 'house', budget: 16000, pieces: 2000,
      offers: [{ ...emptyOffer(), kind: 'percent', percent: 20, amount: 8, threshold: 0 }],
    }),
  },
  {
    name: 'packets',
    picture: '🧧',
    fill: () => ({
      zh: '付款抽红包', en: 'A red packet after you pay', trigger: 'payment', leastPayment: 10, validDays: 3, perDay: 500, perPerson: 10, budget: 10000, pieces: 3000,
      offers: [{ ...emptyOffer(), kind: 'packet', least: 0.5, amount: 8, threshold: 0 }],
    }),
  },
  {
    name: 'shop',
    picture: '🤝',
    fill: () => ({
      zh: '与店铺一起送', en: 'Together with the shop', share: 50, stacking: 'shop', budget: 2000, pieces: 400,
      offers: [{ ...emptyOffer(), amount: 5, threshold: 20 }],
    }),
  },
  {
    name: 'answer',
    picture: '⚡️',
    fill: () => ({
      zh: '今天就减', en: 'Off today', audience: 'card_bound', validDays: 2, perDay: 2000, stacking: 'event', budget: 30000, pieces: 3000,
      offers: [{ ...emptyOffer(), amount: 10, threshold: 25 }],
    }),
  },
]

export const draftFrom = (template: Template): Draft => ({ ...emptyDraft(), ...template.fill() })
