/**
 * The one way to ask the server over HTTP.
 *
 * An answer is returned, a refusal (RFC 9457) is thrown as `Refused`, and no answer at all as `Unreachable`: after
 * `Unreachable` nobody knows whether the request took effect, so the caller repeats it with the same Idempotency-Key.
 */
import { takeAsked } from '../ahead'
import { seat, seated } from '../seat'

export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  [fact: string]: unknown
}

export class Refused extends Error {
  readonly slug: string
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title)
    this.slug = slugOf(problem)
  }
}

export class Unreachable extends Error {}

export interface Asking {
  key?: string
  timeout_ms?: number
  /** Whose session asks, when it is not this page's own. */
  seat?: string
}

export const get = <T>(path: string, asking?: Asking) => ask<T>('GET', path, undefined, asking)
export const post = <T>(path: string, body: object = {}, asking?: Asking) => ask<T>('POST', path, body, asking)
export const put = <T>(path: string, body: object, asking?: Asking) => ask<T>('PUT', path, body, asking)
export const patch = <T>(path: string, body: object, asking?: Asking) => ask<T>('PATCH', path, body, asking)
/** Lets the browser keep a file that the server makes, under the name the server gives it. */
export async function download(path: string, asking: Asking = {}): Promise<void> {
  const response = await answerTo('GET', path, undefined, asking)
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? ''
  const address = URL.createObjectURL(await response.blob())
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

export const remove = (path: string, asking?: Asking) => ask<void>('DELETE', path, undefined, asking)

type SignedOutListener = () => void
let listener: SignedOutListener = () => {}

export const signedOut = () => listener()

/** Called whenever the server says that nobody is signed in, on whatever request. */
export function onSignedOut(told: SignedOutListener) {
  listener = told
}

export function slugOf(problem: Problem): string {
  return (problem.type ?? '').replace(/^.*\/problems\//, '') || 'internal-error'
}

async function ask<T>(method: string, path: string, body?: object, asking: Asking = {}): Promise<T> {
  const text = await readable((await answerTo(method, path, body, asking)).text())
  return text === '' ? (undefined as T) : (JSON.parse(text) as T)
}

async function answerTo(method: string, path: string, body?: object, asking: Asking = {}): Promise<Response> {
  const as = asking.seat ?? seat
  const headers: Record<string, string> = { accept: 'application/json', ...seated(as) }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (asking.key) headers['idempotency-key'] = asking.key
  const ask = () =>
    fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(asking.timeout_ms ?? 20_000),
    })
  const response = await readable((method === 'GET' && !as && takeAsked(path)) || ask())
  if (response.ok) return response
  const refused = new Refused(readProblem(await readable(response.text()), response.status))
  if (refused.slug === 'not-signed-in' && as === seat) signedOut()
  throw refused
}

async function readable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw new Unreachable(String(error))
  }
}

export function readProblem(text: string, status: number): Problem {
  try {
    const problem = JSON.parse(text) as Problem
    if (typeof problem.type === 'string') return { ...problem, status }
  } catch {
    // A proxy in between answers in HTML; the status is all there is to know.
  }
  const slug = status === 404 ? 'not-found' : status === 401 ? 'not-signed-in' : status === 503 ? 'busy' : 'internal-error'
  return { type: `/problems/${slug}`, title: slug, status }
}
