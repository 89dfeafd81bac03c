/** The person's shops. */
import { computed, ref, watch } from 'vue'
import { attempt } from '@/kit/attempts'
import { get, patch, post, remove } from '@/kit/api/client'
import type { Charge, FiguresRange, Invitation, PaymentOfShop, Refund, Shop, ShopFigures, StaffMember, Takings, Trade } from '@/kit/api/types'
import { me } from '@/features/people/session'

const mine = ref<Shop[]>([])

export const shops = computed(() => mine.value)
export const shopOfConversation = (conversation: string) => mine.value.find((shop) => shop.conversation_id === conversation) ?? null

export async function loadShops() {
  mine.value = (await get<{ shops: Shop[] }>('/api/shops')).shops
}

export const loadShop = (id: string) => get<Shop>(`/api/shops/${id}`)

export async function openShop(facts: { name: string; trade: Trade; place: string; picture: string; photo_id: string | null; area_id: string | null }): Promise<Shop> {
  const shop = await attempt('shop', facts, (key) => post<Shop>('/api/shops', facts, { key }))
  mine.value = [shop, ...mine.value.filter((one) => one.id !== shop.id)]
  return shop
}

export const settleState = (id: string, state: Shop['state']) => patch<Shop>(`/api/shops/${id}`, { state })

export interface Proposal {
  id: string
  asked_at: string
  name: string | null
  trade: Trade | null
  area_id: string | null
  leaves_area: boolean
  photo_id: string | null
}
export interface ProfileNow {
  profile: { name: string; trade: Trade; place: string; picture: string; photo_id: string | null; area_id: string | null }
  is_looked_at: boolean
  proposal: Proposal | null
  named_by: string | null
}
export const loadProfile = (id: string) => get<ProfileNow>(`/api/shops/${id}/profile`)
export const changeProfile = (id: string, wanted: Partial<ProfileNow['profile']>) => patch<Shop>(`/api/shops/${id}`, wanted)

export const loadStaff = async (id: string) => (await get<{ staff: StaffMember[] }>(`/api/shops/${id}/staff`)).staff
export const inviteStaff = (id: string, handle: string) => post<StaffMember>(`/api/shops/${id}/staff`, { handle })
export const removeStaff = (id: string, person: string) => remove(`/api/shops/${id}/staff/${person}`)
export const loadInvitations = async () => (await get<{ invitations: Invitation[] }>('/api/shops/invitations')).invitations
export const acceptInvitation = (id: string) => post<Shop>(`/api/shops/${id}/staff/acceptance`)

export const renewCode = (id: string) => attempt(`code.${id}`, {}, (key) => post<Shop>(`/api/shops/${id}/code`, {}, { key }))

export function askCharge(id: string, amount_minor: number, note: string, till: string) {
  const wanted = { amount_minor, note, ...(till && { till_id: till }) }
  return attempt(`charge.${id}`, wanted, (key) => post<Charge>(`/api/shops/${id}/charges`, wanted, { key }))
}

export const loadCharge = (id: string, charge: string) => get<Charge>(`/api/shops/${id}/charges/${charge}`)

export const loadPaymentOfShop = (id: string, payment: string) => get<PaymentOfShop>(`/api/shops/${id}/payments/${payment}`)

export const giveBack = (id: string, payment: string, amount_minor: number, reason: string) =>
  attempt(`refund.${payment}`, { amount_minor, reason }, (key) => post<Refund>(`/api/shops/${id}/payments/${payment}/refunds`, { amount_minor, reason }, { key }))

export const loadFigures = (id: string, range: FiguresRange) => get<ShopFigures>(`/api/shops/${id}/figures?range=${range}`)

export const loadTakings = (id: string, before?: string) => get<Takings>(`/api/shops/${id}/takings?limit=50${before ? `&before=${before}` : ''}`)

watch(me, (person) => person && void loadShops().catch(() => undefined), { immediate: true })
