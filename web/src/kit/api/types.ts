/** What the server answers, as `/openapi.json` describes it. Money is whole minor units, times are RFC 3339 in UTC. */
export type Locale = 'zh' | 'en'
export type Both = Record<Locale, string>

export interface Town {
  name: string
  demo: boolean
  currency: string
  decimals: number
  symbol: string
  time_zone: string
  public_url: string
  map_tiles_url: string
}

export interface Trust {
  https_url: string
  fingerprint: string
}

export interface Person {
  id: string
  handle: string
  name: string
  avatar: number
}

export interface Me extends Person {
  locale: Locale
  has_pin: boolean
  role: null | 'administrator'
  created_at: string
}

export interface Device {
  id: string
  device: string
  created_at: string
  seen_at: string
  current: boolean
}

export type Relation = 'none' | 'self' | 'friend' | 'requested' | 'requesting'

export interface Contact {
  person: Person
  since: string
}

export interface ContactRequest {
  id: string
  person: Person
  greeting: string
  created_at: string
}

export interface Found {
  person: Person
  relation: Relation
  request_id: string | null
}

export interface Named {
  id: string
  name: string
}

export interface Picture {
  media_id: string
  original?: boolean
  width: number
  height: number
  bytes: number
  type: string
}

/** What was on a business day, as the operators are told the morning after. */
export interface Brief {
  date: string
  lines: { figure: string; value: number; before: number; changed: number | null }[]
  flags: BriefFlag[]
  since: BriefFlag | null
  stands: { rival: string; date: string | null; ratio: number | null; lower: number; fresh: boolean }[]
  incidents: { kind: string; count: number; name: string; title: Both | null; subject_id: string | null }[] | null
  sent_at: string | null
  /** The books were checked up to then. */
  audited_until: string | null
}

export interface BriefFlag {
  whose: 'ours' | 'rival'
  date: string
  what: string
  title: Both | null
  rival: string
}

export interface Facts {
  'text': { text: string; reply_to?: number; mentions?: string[]; mention_all?: boolean }
  'pictures': { pictures: Picture[]; reply_to?: number }
  'voice': { media_id: string; duration_ms: number; bytes: number; type: string; reply_to?: number }
  'file': { media_id: string; name: string; bytes: number; type: string; reply_to?: number }
  'contact': { person_id: string; handle: string; name: string; avatar: number; reply_to?: number }
  'recalled': Record<string, never>
  'deleted': Record<string, never>
  'group.made': { by: Named; members: Named[] }
  'group.joined': { by: Named; members: Named[]; how: 'invited' | 'code' }
  'group.removed': { by: Named; members: Named[] }
  'group.left': { by: Named }
  'group.renamed': { by: Named; name: string }
  'group.noticed': { by: Named; notice: string }
  'group.muted': { by: Named; mute_all: boolean }
  'group.administrators': { by: Named; added: Named[]; removed: Named[] }
  'group.handed_over': { by: Named; to: Named }
  'group.dissolved': { by: Named }
  'request.accepted': { by: Named }
  'payment.made': {
    order_id: string
    shop_name: string
    picture: string
    amount_minor: number
    coupon_minor: number
    paid_minor: number
    funding: Funding
    card_last4: string | null
    payment_id: string
  }
  'payment.received': {
    payment_id: string
    order_id: string
    amount_minor: number
    coupon_minor: number
    paid_minor: number
    payer_name: string
    at: string
  }
  'topup.done': { amount_minor: number; bank_name: string; last4: string }
  'topup.refused': { amount_minor: number; reason: string }
  'transfer.received': { amount_minor: number; from_name: string; note: string }
  'transfer.sent': { amount_minor: number; to_name: string; note: string }
  'coupons.given': {
    campaign_title: Both
    coupons: { amount_minor: number; threshold_minor: number; expires_at: string; percent?: number; packet?: boolean }[]
  }
  'coupons.withdrawn': { campaign_title: Both; pieces: number; amount_minor: number; reason: string }
  'coupons.share_asked': { shop_id: string; shop_name: string; campaign_title: Both; amount_minor: number; shop_minor: number }
  'coupons.share_returned': { shop_id: string; shop_name: string; campaign_title: Both; amount_minor: number }
  'ops.brief': Brief
  'ops.approval_asked': { campaign_id: string; campaign_title: Both; rival: string; move: string; drafted_by: string }
  'shop.sign_up_asked': { token: string; shop_name: string; from_name: string }
  'contact.requested': { request_id: string; person: Person; greeting: string }
  'contact.accepted': { person: Person }
  'friends.made': Record<string, never>
  'payment.refunded': {
    payment_id: string
    shop_name: string
    picture: string
    amount_minor: number
    payer_minor: number
    coupons_back: number
    reason: string
    paid_to: Funding
    card_last4: string | null
  }
  'payment.refund_made': { payer_name: string; amount_minor: number; coupon_minor: number; reason: string }
}

export type Kind = keyof Facts

export interface Message {
  conversation_id: string
  seq: number
  id: string
  sender_id: string | null
  kind: string
  payload: Record<string, unknown>
  fallback: string
  at: string
}

/** The facts of a message when it is of that kind, else null: a page renders the fallback of kinds it doesn't know. */
export function factsOf<K extends Kind>(message: Message, kind: K): Facts[K] | null {
  return message.kind === kind ? (message.payload as unknown as Facts[K]) : null
}

/** How this person keeps a conversation, on all their devices. */
export interface Mine {
  pinned_at: string | null
  muted: boolean
  hidden: boolean
  marked_unread: boolean
  draft: { text: string; reply_to: number | null; at: string } | null
}

export interface Group {
  name: string
  notice: string
  notice_at: string | null
  owner_id: string
  administrator_ids: string[]
  mute_all: boolean
  only_administrators_invite: boolean
  dissolved: boolean
  member_count: number
  nickname: string
  faces: Person[]
}

export type Role = 'owner' | 'administrator' | 'member'

export interface Member {
  person: Person
  role: Role
  nickname: string
  read_seq: number | null
}

export interface GroupInvitation {
  group_id: string
  name: string
  faces: Person[]
  member_count: number
  inviter: Person
  is_member: boolean
  expires_at: string
}

export interface Report {
  id: string
  reporter: Person
  reported: Person[]
  reason: string
  note: string | null
  messages: Message[]
  created_at: string
  closed_at: string | null
  outcome: string | null
}

export interface Drawn {
  url: string
  svg: string
  expires_at: string
}

export interface Media {
  id: string
  kind: 'picture' | 'voice' | 'file'
  name: string
  type: string
  bytes: number
  width: number | null
  height: number | null
}

export interface Conversation {
  id: string
  kind: 'direct' | 'group' | 'service' | 'shop'
  service: null | 'pay' | 'coupons' | 'contacts' | 'desk'
  peer: Person | null
  title: string | null
  group: Group | null
  head_seq: number
  read_seq: number
  unread: number
  /** The first message that this person may read is the next one. */
  from_seq: number
  peer_read_seq: number | null
  mentioned_seq: number | null
  last: Message | null
  changed_at: string
  left: boolean
  request: null | 'incoming' | 'outgoing'
  mine: Mine
  /** What happened since the cursor to messages that stood in the log already. */
  edited: Message[]
  deleted: number[]
  cleared_seq: number
  stale: boolean
}

export interface ConversationPage {
  conversations: Conversation[]
  cursor: number
  below: number | null
  more: boolean
}

export interface MessagePage {
  messages: Message[]
  head_seq: number
}

export interface Card {
  id: string
  bank_name: string
  last4: string
  state: string
}

export interface Code {
  code: string
  url: string
  svg: string
}

export type CouponState = 'available' | 'reserved' | 'redeemed' | 'expired' | 'withdrawn'

/** Coupons of different groups add up, those of one group do not; '' stands alone. */
export type Stacking = '' | 'house' | 'shop' | 'card' | 'event' | 'packet'

export interface Coupon {
  id: string
  title: Both
  /** null in a red packet that is not opened. */
  amount_minor: number | null
  threshold_minor: number
  expires_at: string
  state: CouponState
  /** Of a percentage, whose cap is amount_minor; 0 for a fixed sum. */
  percent?: number
  /** A consumption red packet, whose sum is shown once it is opened. */
  packet?: boolean
  opened?: boolean
  limits?: { shop_ids: string[]; trades: string[]; area_ids: string[]; from_hour: number; until_hour: number; stacking: Stacking }
}

export interface Wallet {
  balance_minor: number
  currency: string
  has_pin: boolean
  pin_locked_until: string | null
  cards: Card[]
  saved_this_month_minor: number
  code: Code
}

export interface Binding {
  id: string
  state: 'started' | 'bound' | 'refused'
  page_url: string
  card: Card | null
  reason: string | null
}

export interface TopUp {
  id: string
  state: 'succeeded' | 'processing' | 'refused'
  amount_minor: number
  reason: string | null
}

export interface Transfer {
  id: string
  state: 'succeeded' | 'refused'
  amount_minor: number
  to: Person
  reason: string | null
}

export interface Bill {
  id: string
  kind: 'topup' | 'payment' | 'refund' | 'transfer_in' | 'transfer_out' | 'commission'
  amount_minor: number
  discount_minor: number
  counterparty: { name: string; avatar: number | null; picture: string | null }
  note: string
  at: string
  order_id: string | null
}

export const TRADES = [
  'noodles', 'groceries', 'coffee', 'bakery', 'convenience', 'hardware', 'books', 'clothing', 'pharmacy', 'flowers', 'electronics', 'hair', 'transport',
  'lodging', 'services', 'other',
] as const
export type Trade = (typeof TRADES)[number]

export interface ShopFace {
  id: string
  name: string
  picture: string
  place: string
  trade: Trade
}

export interface Shop extends ShopFace {
  state: 'open' | 'closed'
  code: Code
  conversation_id: string
  role: 'owner' | 'cashier'
  /** Others see it under a neutral name. */
  discreet: boolean
  area_id?: string | null
}

export interface Taking {
  id: string
  order_id: string
  amount_minor: number
  paid_minor: number
  coupon_minor: number
  payer_name: string
  at: string
  kind: 'payment' | 'refund'
  till: string | null
}

export interface Refund {
  id: string
  state: 'processing' | 'done' | 'refused'
  amount_minor: number
}

/** A payment as its shop sees it; `left_minor` can still be given back. */
export interface PaymentOfShop {
  id: string
  left_minor: number
}

export interface DaysSum {
  count: number
  amount_minor: number
  coupon_minor: number
}

/** One of several tills of a shop, with what some days brought at it. */
export interface Till {
  id: string
  name: string
  code: Code
  sum: DaysSum
}

export interface Tills {
  tills: Till[]
  elsewhere: DaysSum
}

export interface Stores {
  stores: { shop: ShopFace; branch: string; state: 'open' | 'closed'; sum: DaysSum }[]
  sum: DaysSum
  /** The shop that gives them its name. */
  first_id: string
  /** Shops of the same owner that stand alone, for whom may join them. */
  apart: ShopFace[]
}

/** All codes that lead to a shop: its own, and those that were printed for its owner. */
export interface ShopCodes {
  own: Code
  adopted: { code: Code; issued_at: string }[]
}

export interface Takings {
  today: { count: number; amount_minor: number }
  takings: Taking[]
  more: boolean
}

export type Scanned =
  | { kind: 'shop'; code: string; shop: ShopFace; away: { kilometres: number } | null; till: string | null }
  | { kind: 'charge'; code: string; shop: ShopFace; away: { kilometres: number } | null; amount_minor: number; note: string }
  | { kind: 'person'; code: string; person: Person; relation: Relation }

export interface StaffMember {
  person: Person
  role: 'owner' | 'cashier'
  state: 'invited' | 'active'
  since: string
}

export interface Invitation {
  shop: ShopFace
  role: 'owner' | 'cashier'
  since: string
}

export type FiguresRange = 'today' | 'week' | 'month'

export interface ShopFigures {
  range: FiguresRange
  first: string
  last: string
  count: number
  amount_minor: number
  coupon_minor: number
  hours: { hour: number; count: number; amount_minor: number }[]
  days: { date: string; count: number; amount_minor: number }[]
}

/** An amount that a shop asks for once. */
export interface Charge {
  id: string
  amount_minor: number
  note: string
  state: 'open' | 'taken' | 'paid' | 'expired'
  expires_at: string
  code: Code
  payment_id: string | null
}

export type Funding = 'balance' | 'card'
export type CouponRefusal = 'below-threshold' | 'expired' | 'reserved' | 'elsewhere' | 'other-hours'

export interface OfferedCoupon {
  coupon: Coupon
  saves_minor: number
  usable: boolean
  reason: CouponRefusal | null
  /** Whether it is in the best combination. */
  chosen: boolean
  unused: 'not-together' | 'not-needed' | null
  excluded_by: string | null
}

export interface Payment {
  id: string
  order_id: string
  number: string
  state: 'paid' | 'processing' | 'refused'
  amount_minor: number
  coupon_minor: number
  paid_minor: number
  funding: Funding
  card: Card | null
  shop: ShopFace
  coupons: { coupon_id: string; title: Both; saved_minor: number }[]
  reason: string | null
  at: string
}

export interface Order {
  id: string
  shop: ShopFace
  amount_minor: number
  state: 'open' | 'processing' | 'paid' | 'expired' | 'closed'
  expires_at: string
  coupons: OfferedCoupon[]
  /** The best combination, in the order of use. */
  best_coupon_ids: string[]
  best_saves_minor: number
  balance_minor: number
  cards: Card[]
  payment: Payment | null
}

export interface Figures {
  sign_ups: number
  actives: number
  cards_bound: number
  scans: number
  payments: number
  payments_minor: number
  coupons_given: number
  coupons_given_minor: number
  coupons_redeemed: number
  coupons_redeemed_minor: number
}

export interface Today {
  date: string
  figures: Figures
  yesterday: Figures
  hours: { hour: number; payments: number; amount_minor: number; scans: number; cards_bound: number }[]
  at: string
}

export type Day = Figures & { date: string }

export interface SeenPayment {
  id: string
  number: string
  payer: Person
  shop_name: string
  picture: string
  amount_minor: number
  coupon_minor: number
  funding: Funding
  state: Payment['state']
  at: string
}

export interface Campaign {
  id: string
  title: Both | string
  state: string
  budget_minor: number
  outstanding_minor: number
  redeemed_minor: number
  given: number
  redeemed: number
}
