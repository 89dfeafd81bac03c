/** What the operator's page shows, from the server every two seconds while somebody looks. */
import { ref } from 'vue'
import { get } from '@/kit/api/client'
import type { Campaign, Day, Figures, SeenPayment, Today } from '@/kit/api/types'
import { loadCalendar, type Flag } from './flags'

const EVERY_MS = 2000
const DAYS_EVERY = 15

export const today = ref<Today | null>(null)
export const days = ref<Day[]>([])
export const payments = ref<SeenPayment[]>([])
export const campaigns = ref<Campaign[]>([])
export const flags = ref<Flag[]>([])
export const opsError = ref<unknown>(null)

let timer = 0
let round = 0
let watching = false

export function watchOps() {
  watching = true
  round = 0
  document.addEventListener('visibilitychange', onVisibility)
  void look()
}

export function stopOps() {
  watching = false
  clearTimeout(timer)
  document.removeEventListener('visibilitychange', onVisibility)
}

async function look() {
  clearTimeout(timer)
  if (!watching || document.visibilityState === 'hidden') return
  try {
    const older = round++ % DAYS_EVERY === 0 ? Promise.all([get<{ days: Day[] }>('/api/ops/days?count=14'), loadCalendar(7)]) : null
    const [now, latest, funded] = await Promise.all([
      get<Today>('/api/ops/today'),
      get<{ payments: SeenPayment[] }>('/api/ops/payments?limit=20'),
      get<{ campaigns: Campaign[] }>('/api/ops/campaigns'),
    ])
    today.value = now
    payments.value = latest.payments
    campaigns.value = funded.campaigns
    if (older) {
      const [past, calendar] = await older
      days.value = past.days.sort((one, other) => (one.date < other.date ? -1 : 1))
      flags.value = calendar.flags
    }
    opsError.value = null
  } catch (error) {
    opsError.value = error
    round = 0
  }
  if (watching) timer = window.setTimeout(look, EVERY_MS)
}

function onVisibility() {
  if (document.visibilityState === 'visible') void look()
}

export const count = (number: number) => new Intl.NumberFormat('en').format(number)

/** How much more than yesterday, in percent; null when there was nothing to compare with. */
export function change(now: number, before: number): number | null {
  if (before === 0) return now === 0 ? 0 : null
  return ((now - before) / before) * 100
}

/** The figure of each day, the last being today's as it stands. */
export function series(name: keyof Figures): number[] {
  const past = days.value.filter((day) => day.date !== today.value?.date).map((day) => day[name])
  return today.value ? [...past, today.value.figures[name]] : past
}
