import { afterEach, describe, expect, it, vi } from 'vitest'
import { askAhead, takeAsked } from './ahead'
import { get, Unreachable } from './api/client'
import { forget, remember } from './memory'

const answers = (status: Record<string, number>) =>
  vi.stubGlobal('fetch', vi.fn(async (path: string) => new Response(JSON.stringify({ path }), { status: status[path] ?? 200 })))
const asked = () => vi.mocked(fetch).mock.calls.map(([path]) => path)

afterEach(() => {
  for (const path of ['/town', '/me', '/mine']) takeAsked(path)
  forget('me')
  vi.unstubAllGlobals()
})

describe('what is asked ahead', () => {
  it('is given to the first who asks for it, and asked for anew by the second', async () => {
    answers({})
    await askAhead(['/town'], '/me', ['/mine'])
    expect(asked()).toEqual(['/town', '/me', '/mine'])
    expect(await get('/mine')).toEqual({ path: '/mine' })
    expect(asked()).toHaveLength(3)
    await get('/mine')
    expect(asked()).toHaveLength(4)
  })

  it('is nothing of a person where nobody is signed in', async () => {
    answers({ '/me': 401 })
    await askAhead(['/town'], '/me', ['/mine'])
    expect(asked()).toEqual(['/town', '/me'])
  })

  it('is nothing on a device that remembers somebody', async () => {
    answers({})
    remember('me', { id: 'p' })
    await askAhead(['/town'], '/me', ['/mine'])
    expect(asked()).toEqual([])
  })

  it('tells who takes it that the server was not reached', async () => {
    vi.stubGlobal('fetch', vi.fn(() => Promise.reject(new TypeError('no network'))))
    await askAhead(['/town'], '/me', ['/mine'])
    await expect(get('/town')).rejects.toBeInstanceOf(Unreachable)
    expect(asked()).toEqual(['/town', '/me'])
  })
})
