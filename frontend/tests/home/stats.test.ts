import { describe, expect, it } from 'vitest'
import { byDay, outcomes, span } from '../../src/features/home/stats'

const day = (date: string, calls = 0, answered = 0) => ({
  date,
  calls,
  answered,
  answer_rate: null,
  minutes: 1.26,
  response_p50_ms: null,
  response_p95_ms: null,
})

describe('the figures of the home page', () => {
  it('cover the last days, today included, by the clock of the reader', () => {
    expect(span(7, new Date(2030, 0, 3, 23, 59))).toEqual({ from: '2029-12-28', to: '2030-01-03' })
  })

  it('divide the calls of a day by whether they were answered', () => {
    expect(byDay([day('2030-05-06', 5, 3)])).toEqual([
      { date: '2030-05-06', label: 'Mon 6', answered: 3, unanswered: 2, minutes: 1.3, p50: null, p95: null },
    ])
  })

  it('name the month when there are more days than a week has', () => {
    const days = Array.from({ length: 8 }, (_, i) => day(`2030-05-0${i + 1}`))
    expect(byDay(days)[0]?.label).toBe('1 May')
  })

  it('share out the calls that ended, not those that run', () => {
    const all = [
      { end_reason: '', words: '', calls: 50 },
      { end_reason: 'agent_hung_up', words: 'a', calls: 3 },
      { end_reason: 'busy', words: 'b', calls: 1 },
    ]
    expect(outcomes(all).map(({ end_reason, share }) => [end_reason, share])).toEqual([
      ['agent_hung_up', 0.75],
      ['busy', 0.25],
    ])
    expect(outcomes([])).toEqual([])
  })
})
