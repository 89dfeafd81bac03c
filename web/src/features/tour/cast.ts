/** Whom the story is about when it is told again in the same town: another shop that has no code of ours, its keeper and a newcomer. */
import { get, post } from '@/kit/api/client'
import type { Me } from '@/kit/api/types'
import { locale, t } from '@/kit/i18n'
import { newId } from '@/kit/ids'
import { asNew, NotDone } from './once'
import { keepDone, type Seat } from './seats'

export interface StreetPlace {
  id: string
  name: string
  trade: string
  address: string
  area_id: string | null
  wallets: string
  codes: { rival_id: string; state: string }[]
}

interface Kept {
  number: string | null
  place: StreetPlace
}

/** number: of the place in the operator's list; name: the shop's */
export interface Cast {
  number: string
  name: string
}

const CAST = 'junzi.tour.cast'
const FIRST = 'B-02'

/** Nobody but the town's own people while the story is told for the first time. */
export const castNow = () => JSON.parse(sessionStorage.getItem(CAST) ?? 'null') as Cast | null

/** The story's shop in the operator's list. */
export async function place(): Promise<StreetPlace> {
  const number = castNow()?.number ?? FIRST
  const found = (await standing()).find((one) => one.number === number)
  if (!found) throw new NotDone(t('townTour.noPlace'))
  return found.place
}

export const standing = async () => (await get<{ places: Kept[] }>('/api/ops/street?which=standing&search=', { seat: 'operator' })).places

/** Two people sign up and take the seats of customer and keeper; the story is at its beginning. Raises when every shop takes Junzi. */
export async function castAnew(): Promise<void> {
  const without = (await standing()).filter(({ number, place }) => number && (place.wallets === 'rival' || place.wallets === 'none'))
  const [next] = without.sort((one, other) => one.number!.localeCompare(other.number!))
  if (!next) throw new NotDone(t('townTour.noMore'))
  const { name } = next.place
  await signUp('customer', t('townTour.newcomer'))
  await signUp('shop', t('townTour.keeperOf', { shop: name }))
  sessionStorage.setItem(CAST, JSON.stringify({ number: next.number!, name } satisfies Cast))
  fromTheBeginning()
}

/** The town's own people are to sit there again. False when they do. */
export function castAsFirst(): boolean {
  if (!castNow()) return false
  sessionStorage.removeItem(CAST)
  fromTheBeginning()
  return true
}

function fromTheBeginning() {
  asNew()
  keepDone(0)
}

/** The handle is the end of an id, where nothing but chance is; nobody signs in by this password again. */
const signUp = (seat: Seat, name: string) =>
  post<Me>('/api/people', { handle: `tour_${newId().replaceAll('-', '').slice(-12)}`, name, password: newId(), locale: locale.value }, { seat })
