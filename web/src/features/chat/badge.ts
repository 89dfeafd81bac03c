/** How much is unread, said where the app isn't looked at: by its tab's title, its icon, and what the phone still shows. */
const COUNTED = /^\(\d+\+?\) /

/** isRead: whether nothing of a conversation is unread any more */
export function showUnread(count: number, isRead: (conversation: string) => boolean) {
  const name = document.title.replace(COUNTED, '')
  document.title = count > 0 ? `(${count > 99 ? '99+' : count}) ${name}` : name
  showOutside(count, isRead).catch((refused: unknown) => console.warn('not shown outside:', refused))
}

async function showOutside(count: number, isRead: (conversation: string) => boolean) {
  if ('setAppBadge' in navigator) await (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge())
  const registration = 'serviceWorker' in navigator ? await navigator.serviceWorker.getRegistration() : undefined
  for (const shown of (await registration?.getNotifications()) ?? []) if (isRead(shown.tag)) shown.close()
}
