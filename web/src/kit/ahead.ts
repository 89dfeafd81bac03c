/**
 * What the first page will ask the server is asked while the app itself is still on its way. Each answer is given once, to
 * the first who asks for the same.
 */
import { recall } from './memory'
import { seat } from './seat'

const TIMEOUT_MS = 20_000
const asked = new Map<string, Promise<Response>>()

/**
 * Asks who is signed in, and when somebody is, what their first page shows. A device that remembers somebody asks nothing
 * here: it starts from what it has kept; and neither does a page in a seat, which asks as somebody else.
 */
export async function askAhead(always: string[], who: string, theirs: string[]) {
  if (seat || recall<unknown>('me', null) !== null) return
  for (const path of always) void ask(path)
  const answer = await ask(who).catch(() => null)
  if (answer?.ok) for (const path of theirs) void ask(path)
}

export function takeAsked(path: string): Promise<Response> | undefined {
  const answer = asked.get(path)
  asked.delete(path)
  return answer
}

function ask(path: string): Promise<Response> {
  const answer = fetch(path, { headers: { accept: 'application/json' }, credentials: 'same-origin', signal: AbortSignal.timeout(TIMEOUT_MS) })
  asked.set(path, answer)
  // Whoever takes it learns that it failed.
  answer.catch(() => undefined)
  return answer
}
