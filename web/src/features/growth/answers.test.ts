import { describe, expect, it } from 'vitest'
import { answerDraft } from './answers'

describe('the answer to a move', () => {
  it('takes as much off, from the same sum on', () => {
    const draft = answerDraft({ kind: 'coupon', face_minor: 1800, threshold_minor: 6000 }, 2)
    expect(draft.offers).toMatchObject([{ kind: 'fixed', amount: 18, threshold: 60 }])
    expect(draft.zh, 'people read it').not.toContain('Blue')
  })

  it('answers red packets with red packets, which have no threshold', () => {
    const [offer] = answerDraft({ kind: 'packet', face_minor: 30, threshold_minor: 100 }, 2).offers!
    expect(offer).toMatchObject({ kind: 'packet', amount: 0.3, least: 0.3, threshold: 0 })
  })

  it('is our template where nobody knows the sums', () => {
    expect(answerDraft({ kind: 'fee', face_minor: null, threshold_minor: null }, 2).offers).toMatchObject([{ amount: 10, threshold: 25 }])
  })
})
