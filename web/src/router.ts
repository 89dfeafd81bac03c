/** Every page and its address. Pages that few people open are fetched when they are opened. */
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import ChatsFrame from '@/features/chat/ChatsFrame.vue'
import { whenListed } from '@/features/chat/conversations'
import { safeNext } from '@/kit/next'
import { allWords } from '@/kit/i18n'
import { me } from '@/features/people/session'
import { reachServer } from './reach'

declare module 'vue-router' {
  interface RouteMeta {
    open?: boolean
    wide?: boolean
    fixed?: boolean
    /** Fills a wide window with columns side by side. */
    columns?: boolean
    operators?: boolean
  }
}

const PATIENCE_MS = 300

const routes: RouteRecordRaw[] = [
  { path: '/welcome', component: () => import('@/features/people/WelcomePage.vue'), meta: { open: true } },

  { path: '/tour', component: () => import('@/features/tour/TourPage.vue'), meta: { open: true, wide: true } },

  { path: '/trust', component: () => import('@/features/admin/TrustPage.vue'), meta: { open: true } },

  { path: '/', component: ChatsFrame, meta: { columns: true } },
  { path: '/chat/:id', component: ChatsFrame, props: true, meta: { columns: true, fixed: true } },
  { path: '/chat/:id/about', component: ChatsFrame, props: (to) => ({ id: to.params['id'], about: true }), meta: { columns: true } },

  { path: '/chat/:id/members', component: () => import('@/features/chat/MembersPage.vue'), props: true, meta: { fixed: true } },
  { path: '/chat/:id/members/:person', component: () => import('@/features/chat/MemberPage.vue'), props: true },
  { path: '/chat/:id/invite', component: () => import('@/features/chat/InvitePage.vue'), props: true },
  { path: '/chat/:id/report', component: () => import('@/features/chat/ReportPage.vue'), props: true },
  { path: '/chats/requests', component: () => import('@/features/chat/RequestsPage.vue') },
  { path: '/groups/new', component: () => import('@/features/chat/NewGroupPage.vue') },
  { path: '/g/:token', component: () => import('@/features/chat/JoinPage.vue'), props: true },
  { path: '/q/:code', component: () => import('@/features/people/ApprovePage.vue'), props: true },

  { path: '/contacts', component: () => import('@/features/contacts/ContactsPage.vue') },
  { path: '/contacts/requests', component: () => import('@/features/contacts/RequestsPage.vue') },
  { path: '/contacts/add', component: () => import('@/features/contacts/AddPage.vue') },
  { path: '/contacts/:id', component: () => import('@/features/contacts/ContactPage.vue'), props: true },

  { path: '/discover', component: () => import('@/features/discover/DiscoverPage.vue') },

  { path: '/me', component: () => import('@/features/people/MePage.vue') },
  { path: '/me/profile', component: () => import('@/features/people/ProfilePage.vue') },
  { path: '/me/card/shop', component: () => import('@/features/merchants/TurnCodePage.vue') },
  { path: '/me/card', component: () => import('@/features/people/CardPage.vue') },
  { path: '/me/invite', component: () => import('@/features/growth/InvitePage.vue') },
  { path: '/me/blocks', component: () => import('@/features/contacts/BlocksPage.vue') },
  { path: '/me/notifications', component: () => import('@/features/people/NotificationsPage.vue') },
  { path: '/me/devices', component: () => import('@/features/people/DevicesPage.vue') },

  { path: '/wallet', component: () => import('@/features/wallet/WalletPage.vue') },
  { path: '/wallet/topup', component: () => import('@/features/wallet/TopUpPage.vue') },
  { path: '/wallet/transfer', component: () => import('@/features/wallet/TransferStartPage.vue') },
  { path: '/wallet/transfer/:code', component: () => import('@/features/wallet/TransferPage.vue'), props: true },
  { path: '/wallet/cards', component: () => import('@/features/wallet/CardsPage.vue') },
  { path: '/wallet/cards/bound', component: () => import('@/features/wallet/CardBoundPage.vue') },
  { path: '/wallet/bills', component: () => import('@/features/wallet/BillsPage.vue') },
  { path: '/wallet/pin', component: () => import('@/features/wallet/PinPage.vue') },
  { path: '/coupons', component: () => import('@/features/coupons/CouponsPage.vue') },

  { path: '/field', component: () => import('@/features/field/FieldPage.vue') },
  { path: '/field/sign-up/:place', component: () => import('@/features/field/SignUpPage.vue'), props: true },
  { path: '/s/:token', component: () => import('@/features/field/OwnerPage.vue'), props: true },
  { path: '/field/looks', component: () => import('@/features/field/LooksPage.vue') },
  { path: '/street', component: () => import('@/features/field/StreetPage.vue') },
  { path: '/scan', component: () => import('@/features/checkout/ScanPage.vue') },
  { path: '/c/:code', component: () => import('@/features/checkout/ArrivePage.vue'), props: true },
  { path: '/checkout/:code', component: () => import('@/features/checkout/AmountPage.vue'), props: true },
  { path: '/orders/:id', component: () => import('@/features/checkout/PayPage.vue'), props: true },
  { path: '/paid/:id', component: () => import('@/features/checkout/PaidPage.vue'), props: true },

  { path: '/shops', component: () => import('@/features/merchants/ShopsPage.vue') },
  { path: '/shops/new', component: () => import('@/features/merchants/OpenShopPage.vue') },
  { path: '/shops/:id/opened', component: () => import('@/features/merchants/OpenedShopPage.vue'), props: true },
  { path: '/shops/:id', component: () => import('@/features/merchants/CounterPage.vue'), props: true, meta: { wide: true } },
  { path: '/shops/:id/profile', component: () => import('@/features/merchants/ShopProfilePage.vue'), props: true },
  { path: '/shops/:id/staff', component: () => import('@/features/merchants/StaffPage.vue'), props: true },
  { path: '/shops/:id/shares', component: () => import('@/features/coupons/SharesPage.vue'), props: true },
  { path: '/shops/:id/till', component: () => import('@/features/merchants/TillPage.vue'), props: true },
  { path: '/shops/:id/standing', component: () => import('@/features/standing/StandingPage.vue'), props: true },
  { path: '/shops/:id/tills', component: () => import('@/features/merchants/TillsPage.vue'), props: true },
  { path: '/shops/:id/stores', component: () => import('@/features/merchants/StoresPage.vue'), props: true },
  { path: '/shops/:id/money', component: () => import('@/features/settlement/MoneyPage.vue'), props: true },
  { path: '/shops/:id/incidents', component: () => import('@/features/field/IncidentsPage.vue'), props: true },
  { path: '/shops/:id/poster', component: () => import('@/features/merchants/PosterPage.vue'), props: true },

  { path: '/ops', component: () => import('@/features/growth/OpsPage.vue'), meta: { wide: true, operators: true } },

  { path: '/ops/third', component: () => import('@/features/growth/ThirdPage.vue'), meta: { wide: true, operators: true } },
  { path: '/ops/people', component: () => import('@/features/growth/PeoplePage.vue'), meta: { wide: true, operators: true } },
  { path: '/ops/sources', component: () => import('@/features/growth/SourcesPage.vue'), meta: { wide: true, operators: true } },
  { path: '/ops/brief/:date', component: () => import('@/features/growth/BriefPage.vue'), props: true, meta: { wide: true, operators: true } },
  { path: '/ops/calendar', component: () => import('@/features/growth/CalendarPage.vue'), meta: { wide: true, operators: true } },
  { path: '/ops/campaigns', component: () => import('@/features/coupons/CampaignsPage.vue'), meta: { wide: true, operators: true } },

  { path: '/ops/ledger', component: () => import('@/features/ledger/LedgerPage.vue'), meta: { wide: true, operators: true } },
  { path: '/ops/shops', component: () => import('@/features/standing/ShopsDeskPage.vue'), meta: { wide: true, operators: true } },

  { path: '/ops/money', component: () => import('@/features/settlement/MoneyDeskPage.vue'), meta: { wide: true, operators: true } },

  { path: '/ops/street', component: () => import('@/features/field/StreetDeskPage.vue'), meta: { wide: true, operators: true } },

  { path: '/ops/reports', component: () => import('@/features/chat/ReportsDeskPage.vue'), meta: { wide: true, operators: true } },

  { path: '/:rest(.*)*', component: () => import('@/features/discover/MissingPage.vue'), meta: { open: true } },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  // The first page stands at its top by itself; saying so would make the browser lay it out once more.
  scrollBehavior: (_to, from, saved) => saved ?? (from.matched.length > 0 && { top: 0 }),
})

router.beforeEach(async (to) => {
  // The words of other pages than the first are fetched while the server is asked.
  const [reached] = await Promise.all([reachServer(), to.path !== '/' && allWords()])
  if (!reached) return true
  if (!to.meta.open && !me.value) return { path: '/welcome', query: to.path === '/' ? {} : { next: to.fullPath } }
  if (to.path === '/welcome' && me.value) return safeNext(to.query['next'])
  if (to.meta.operators && me.value?.role !== 'administrator') return '/me'
  // Drawn once with what it shows is sooner there than drawn empty and then again.
  if (to.path === '/') await whenListed(PATIENCE_MS)
  return true
})
