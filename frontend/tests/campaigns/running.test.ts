import { describe, expect, it } from 'vitest'
import { onCampaignMessage } from '@/api/liveCampaign'
import { numbersIn } from '@/features/campaigns/lists/pasted'
import { theirTime, variablesIn } from '@/features/campaigns/running/contacts'
import { type Minute, newer, type Told } from '@/features/campaigns/running/data'
import { barsOf, byCount } from '@/features/campaigns/running/figures'

const minute = (begins: string, attempts: number, connected: number) =>
  ({ begins, attempts, connected }) as Minute

describe('bars of minutes', () => {
  it('shows the minutes in which nothing happened as well', () => {
    const { per, bars } = barsOf([minute('2026-05-04T10:00:00Z', 4, 2), minute('2026-05-04T10:03:00Z', 1, 1)])
    expect(per).toBe(1)
    expect(bars.map(({ attempts }) => attempts)).toEqual([4, 0, 0, 1])
  })

  it('adds minutes up when there are more than bars, and loses none', () => {
    const minutes = Array.from({ length: 100 }, (_, i) =>
      minute(new Date(Date.UTC(2026, 4, 4, 10, i)).toISOString(), 1, 0),
    )
    const { per, bars } = barsOf(minutes, 30)
    expect(per).toBe(4)
    expect(bars).toHaveLength(25)
    expect(bars.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(100)
  })

  it('has none for a campaign that never dialed', () => {
    expect(barsOf([]).bars).toEqual([])
  })
})

it('tells the most frequent first and nothing that never came', () => {
  expect(byCount({ busy: 1, answered: 3, failed: 0 })).toEqual([
    ['answered', 3],
    ['busy', 1],
  ])
})

it('shows a time by the clock of the callee', () => {
  expect(theirTime('2026-05-04T13:00:00Z', ['America/New_York'])).toEqual({
    time: 'Mon 4 May, 09:00',
    zone: 'New York',
  })
  expect(theirTime('2026-05-04T13:00:00Z', [])).toBeNull()
})

it('takes numbers out of what is pasted, each once, and says what is none', () => {
  expect(numbersIn('+1 (202) 555-0180\n+12025550180; 0202\n\n')).toEqual({
    numbers: ['+12025550180'],
    wrong: ['0202'],
  })
})

it('reads variables, and refuses a line that is none', () => {
  expect(variablesIn('first_name = Ann\n\nplan=gold')).toEqual({ first_name: 'Ann', plan: 'gold' })
  expect(variablesIn('Ann')).toBeNull()
})

describe('progress from two sides', () => {
  const told = (at: string) => ({ at }) as Told

  it('is what was told later', () => {
    const early = told('2026-05-04T10:00:00Z')
    const late = told('2026-05-04T10:00:02Z')
    expect(newer(early, late)).toBe(late)
    expect(newer(late, early)).toBe(late)
    expect(newer(null, early)).toBe(early)
  })

  it('counts changes of state, which tell no figures', () => {
    const before = { progress: 'told before', changes: 1 }
    expect(onCampaignMessage(before, { type: 'state', campaign: 'cmp_1' })).toEqual({
      progress: 'told before',
      changes: 2,
    })
  })
})
