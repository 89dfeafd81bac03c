import { beforeAll, describe, expect, it } from 'vitest'
import { Refused, Unreachable } from './api/client'
import { SLUGS } from './api/slugs'
import { chooseLocale } from './i18n'
import { reasonWords, wordsOf } from './problem'

beforeAll(() => {
  globalThis.document = { documentElement: { lang: '' } } as unknown as Document
})

const refused = (slug: string, facts: object = {}) => new Refused({ type: `/problems/${slug}`, title: 'title', status: 400, ...facts })

describe.each(['zh', 'en'] as const)('refusals in %s', (locale) => {
  beforeAll(() => chooseLocale(locale))

  it.each(SLUGS)('%s has words of its own, without a missing fact', (slug) => {
    const words = wordsOf(refused(slug, { retry_at: '2030-01-01T00:00:00Z', until: '2030-01-01T00:00:00Z', attempts_left: 3, balance_minor: 5, left_minor: 5, reason: 'expired', errors: [], address: 'http://localhost:8800', setting: 'JUNZI_PUBLIC_URL' }))
    expect(words).not.toContain('title')
    expect(words).not.toMatch(/[{}]|undefined|problem\./)
    expect(words.length).toBeGreaterThan(4)
  })

  it('names the facts', () => {
    expect(wordsOf(refused('wrong-pin', { attempts_left: 3 }))).toContain('3')
    expect(wordsOf(refused('insufficient-balance', { balance_minor: 1234 }))).toContain('¥12.34')
    expect(wordsOf(refused('invalid-request', { errors: [{ field: 'handle', message: 'too short' }] }))).toContain(locale === 'zh' ? '账号' : 'Handle: too short')
  })

  it('falls back to what the server said when it has no words', () => {
    expect(wordsOf(refused('brand-new', { detail: 'because' }))).toBe('because')
    expect(reasonWords('Do not honour')).toBe('Do not honour')
  })

  it('says that no answer came', () => {
    expect(wordsOf(new Unreachable())).toMatch(/服务器|server/)
  })
})
