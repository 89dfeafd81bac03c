/**
 * Opening without a network: registers the service worker where browsers allow one (https and localhost), and says when a
 * newer version of the app waits for its turn.
 */
import { ref } from 'vue'

/** Whether the device itself believes to have a network. */
export const online = ref(typeof navigator === 'undefined' || navigator.onLine)

/** A newer version is on the device; `takeNewVersion` starts it. */
export const newVersion = ref(false)

let waiting: ServiceWorker | null = null

export function watchNetwork() {
  addEventListener('online', () => (online.value = true))
  addEventListener('offline', () => (online.value = false))
}

export async function keepApp() {
  if (!import.meta.env.PROD || !isSecureContext || !('serviceWorker' in navigator)) return
  // A first worker takes over a page that had none: nothing new has come then.
  let replaced = navigator.serviceWorker.controller !== null
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (replaced) location.reload()
    else keepWhatIsShown()
    replaced = true
  })
  const registration = await navigator.serviceWorker.register('/sw.js')
  // Nothing has been begun yet, so what came last time can start at once.
  if (registration.waiting && replaced) return registration.waiting.postMessage('take over')
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing
    coming?.addEventListener('statechange', () => {
      if (coming.state !== 'installed' || !replaced) return
      waiting = coming
      newVersion.value = true
    })
  })
}

/** Avatars that came before there was a worker to keep them pass through it now. */
function keepWhatIsShown() {
  const shown = performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)
  for (const picture of new Set(shown.filter((path) => path.startsWith('/avatars/')))) void fetch(picture).catch(() => undefined)
}

export function takeNewVersion() {
  waiting?.postMessage('take over')
}
