import { describe, expect, it } from 'vitest'
import { Refused, Unreachable } from './api/client'
import { attempt } from './attempts'

const refused = (slug: string, status: number) => new Refused({ type: `/problems/${slug}`, title: slug, status })

async function keyOf(scope: string, asked: object, outcome: unknown): Promise<string> {
  let used = ''
  await attempt(scope, asked, async (key) => {
    used = key
    if (outcome instanceof Error) throw outcome
    return outcome
  }).catch(() => undefined)
  return used
}

describe('the key of an attempt', () => {
  it('stays the same when no answer came, and until one does', async () => {
    const first = await keyOf('pay:1', { amount: 5 }, new Unreachable())
    expect(await keyOf('pay:1', { amount: 5 }, refused('busy', 503))).toBe(first)
    expect(await keyOf('pay:1', { amount: 5 }, refused('internal-error', 500))).toBe(first)
    expect(await keyOf('pay:1', { amount: 5 }, 'paid')).toBe(first)
    expect(await keyOf('pay:1', { amount: 5 }, 'paid')).not.toBe(first)
  })

  it('changes after a definite refusal', async () => {
    const first = await keyOf('pay:2', { amount: 5 }, refused('wrong-pin', 403))
    expect(await keyOf('pay:2', { amount: 5 }, 'paid')).not.toBe(first)
  })

  it('changes when something else is asked', async () => {
    const first = await keyOf('pay:3', { amount: 5 }, new Unreachable())
    expect(await keyOf('pay:3', { amount: 6 }, 'paid')).not.toBe(first)
  })
})
