import { beforeEach, expect, test, vi } from 'vitest'
import { Refused, Unreachable } from '@/kit/api/client'
import { asNew, once } from './once'

const tab = new Map<string, string>()
vi.stubGlobal('sessionStorage', { getItem: (name: string) => tab.get(name) ?? null, setItem: (name: string, value: string) => tab.set(name, value) })
const keys: string[] = []
const noted = async (key: string) => void keys.push(key)
const failing = (error: unknown) => async (key: string) => {
  keys.push(key)
  throw error
}
const refused = (status: number) => new Refused({ type: '/problems/some', title: '', status })

beforeEach(() => {
  tab.clear()
  keys.length = 0
})

test('what is asked again goes out under the same key, done or not known to be done', async () => {
  await expect(once('said', failing(new Unreachable()))).rejects.toThrow()
  await expect(once('said', failing(refused(503)))).rejects.toThrow()
  await once('said', noted)
  await once('said', noted)
  expect(new Set(keys).size).toBe(1)
})

test('what was refused, and what is to be another thing, has another key', async () => {
  await expect(once('said', failing(refused(409)))).rejects.toThrow()
  await once('said', noted)
  await once('other', noted)
  asNew('said')
  await once('said', noted)
  await once('other', noted)
  expect(keys[1]).not.toBe(keys[0])
  expect(keys[3]).not.toBe(keys[1])
  expect(keys[4]).toBe(keys[2])
})
