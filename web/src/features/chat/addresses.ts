/** Where the server answers what the first page needs: known before the app is here. */

/** Conversations that changed after the cursor, newest first; `below` continues after a page. */
export const conversationsSince = (cursor: number, below: number | null = null) => `/api/conversations?cursor=${cursor}&limit=100${below === null ? '' : `&below=${below}`}`
