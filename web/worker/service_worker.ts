/**
 * The service worker: keeps the app's own files on the device, so that it opens without a network.
 *
 * It never answers for anything under `/api/` and keeps nothing of what people write: that is the app's own store, which is
 * emptied when somebody signs out. `build/offline.ts` puts the list of files, the version and the addresses of pages in.
 */
declare const self: ServiceWorkerGlobalScope
declare const FILES: string[]
declare const VERSION: string
declare const PAGES: string[]

const SHELL = `junzi-shell-${VERSION}`
const PICTURES = 'junzi-avatars'
const PAGE = '/index.html'

self.addEventListener('install', (event) => event.waitUntil(fillShell()))
self.addEventListener('activate', (event) => event.waitUntil(dropOldShells().then(() => self.clients.claim())))
self.addEventListener('message', (event) => {
  if (event.data === 'take over') void self.skipWaiting()
})
self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    if (PAGES.includes(pathname.split('/')[1]!)) event.respondWith(kept(PAGE, request))
  } else if (pathname.startsWith('/avatars/')) {
    event.respondWith(keptPicture(request))
  } else if (FILES.includes(pathname)) {
    event.respondWith(kept(pathname, request))
  }
})

self.addEventListener('push', (event) => event.waitUntil(show(event.data?.json() as Pushed)))
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(`/chat/${event.notification.tag}`))
})

interface Pushed {
  kind: 'message'
  conversation_id: string
  title: string | null
  body: string | null
  unread: number
}

/** One notification a conversation: the newest takes the place of the one before. Browsers insist that something is shown. */
async function show({ conversation_id, title, body, unread }: Pushed) {
  const chinese = /^zh\b/i.test(self.navigator.language)
  await self.registration.showNotification(title ?? 'Junzi', {
    body: body ?? (chinese ? '有新消息' : 'There is a new message'),
    tag: conversation_id,
    icon: '/icon-192.png',
    badge: '/icon-192.png',
  })
  await (self.navigator as { setAppBadge?: (count: number) => Promise<void> }).setAppBadge?.(unread)
}

async function open(page: string) {
  const [shown] = await self.clients.matchAll({ type: 'window' })
  if (!shown) return void (await self.clients.openWindow(page))
  await shown.focus()
  await shown.navigate(page)
}

/** Files whose name has the hash of what is in them are taken over from an older version's cache. */
async function fillShell() {
  const shell = await caches.open(SHELL)
  await Promise.all(
    FILES.map(async (file) => {
      const known = file.startsWith('/assets/') ? await caches.match(file) : undefined
      const answer = known ?? (await fetch(file, { cache: 'no-cache' }))
      if (!answer.ok) throw new Error(`${file}: ${answer.status}`)
      await shell.put(file, answer)
    }),
  )
}

async function dropOldShells() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith('junzi-shell-') && name !== SHELL).map((name) => caches.delete(name)))
}

async function kept(file: string, request: Request): Promise<Response> {
  const shell = await caches.open(SHELL)
  return (await shell.match(file)) ?? fetch(request)
}

/** Avatars are many and rarely change: what is kept is shown, and fetched again for the next time. */
async function keptPicture(request: Request): Promise<Response> {
  const pictures = await caches.open(PICTURES)
  const known = await pictures.match(request)
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok) await pictures.put(request, answer.clone())
    return answer
  })
  if (!known) return fresh
  fresh.catch(() => undefined)
  return known
}
export {}
