/**
 * The seat this page is shown in, where several people's pages stand beside each other in one window: each is signed in apart and keeps
 * what it remembers apart. A page that is not in a frame of ours sits in none.
 */
const NAMED = /^junzi-seat:([a-z]{1,20})$/

/** What a frame is called that is a seat. Frames keep their names when they go from page to page. */
export const frameOf = (seat: string) => `junzi-seat:${seat}`

// Unit tests have no window.
const page = globalThis.window as Window | undefined

export const seat = page && page.parent !== page ? (NAMED.exec(page.name)?.[1] ?? '') : ''

/** A name under which this seat, or another, keeps something on the device. */
export const kept = (name: string, by = seat) => (by ? `junzi.${by}.${name}` : `junzi.${name}`)

/** Who asks the server: the person of this seat, or of another one, for the page that all of them are shown in. */
export const seated = (as: string): Record<string, string> => (as ? { 'x-junzi-seat': as } : {})
