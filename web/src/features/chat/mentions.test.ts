import { describe, expect, it } from 'vitest'
import { mentionsIn } from './mentions'

describe('whom a text calls', () => {
  it('are those picked whose name still stands in it, once each', () => {
    const called = [{ id: 'a', name: '阿哲' }, { id: 'b', name: '小满' }, { id: 'a', name: '阿哲' }]
    expect(mentionsIn('@阿哲 你看', called)).toEqual({ mentions: ['a'] })
    expect(mentionsIn('@阿哲 @小满', called)).toEqual({ mentions: ['a', 'b'] })
    expect(mentionsIn('没有谁', called)).toEqual({})
  })

  it('may be everybody', () => {
    expect(mentionsIn('@所有人 开会', [{ id: null, name: '所有人' }])).toEqual({ mention_all: true })
  })
})
