import { describe, expect, it } from 'vitest'
import { around, byOperator, marksByDay, marksByHour, type Flag } from './flags'

const flag = (date: string, hour = 9): Flag => ({
  whose: 'rival', at: `${date}T09:00:00+08:00`, date, hour, days: [], hours: [], launch: null, rival: 'Blue Wallet', answers: [],
  move: { id: '', recorded_at: '', rival_id: '', kind: 'other', face_minor: null, threshold_minor: null, burn_minor: null, starts_at: '', ends_at: null, source: '' },
})

describe('flags on a chart', () => {
  it('stand at the span in which their day lies', () => {
    const weeks = ['2026-03-02', '2026-03-09', '2026-03-16']
    expect(marksByDay([flag('2026-03-08'), flag('2026-03-09'), flag('2026-03-30'), flag('2026-03-01')], weeks).map((one) => one.place)).toEqual([0, 1, 2])
  })

  it('stand at their hour', () => {
    const hours = [8, 9, 10].map((hour) => ({ date: '2026-03-02', hour }))
    expect(marksByHour([flag('2026-03-02'), flag('2026-03-03')], hours).map((one) => one.place)).toEqual([1])
  })

  it('go by the clock of the operator', () => {
    expect(byOperator(new Date('2026-03-10T16:00:00Z'))).toEqual({ date: '2026-03-11', hour: 0 })
  })

  it('have the means of what is over on both sides', () => {
    expect(around([9, 3, 6, 12, 18, 100], 3, 3)).toEqual([6, 15])
    expect(around([5, 6], 0, 3)).toEqual([null, 5])
    expect(around([5, 6], 1, 3)).toEqual([5, null])
  })
})
