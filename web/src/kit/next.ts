/** Where to go after signing in or setting a PIN: only ever a page of this app. */
export function safeNext(next: unknown, otherwise = '/'): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : otherwise
}
