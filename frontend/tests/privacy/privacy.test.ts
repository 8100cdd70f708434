import { describe, expect, test } from 'vitest'
import { isNumber, plain } from '@/features/privacy/number'
import { namedIn, sumOf, verdictOf } from '@/features/privacy/purges/sums'
import { nameOf, pageOf, reportOf } from '@/features/privacy/requests/report'
import { check, fromForm, shortened, toForm } from '@/features/privacy/retention/values'
import { size } from '@/features/privacy/size'

describe('retention', () => {
  const stored = { recordings: 30, calls: null }

  test('empty is for ever, and comes back so', () => {
    const form = toForm(stored)
    expect(form.recordings).toBe(30)
    expect(form.calls).toBe('')
    expect(fromForm(form)).toMatchObject({ recordings: 30, calls: null, messages: null })
  })

  test.each([0, -1, 3651, 1.5, 'soon'])('%j days are refused', (days) =>
    expect(check({ ...toForm(stored), calls: days }, 'no')).toEqual({ calls: 'no' }),
  )

  test('what goes sooner than so far', () => {
    expect(shortened(stored, { recordings: 31, calls: null })).toEqual([])
    expect(shortened(stored, { recordings: 29, calls: 400 })).toEqual(['recordings', 'calls'])
    expect(shortened(stored, { recordings: null, calls: null })).toEqual([])
  })
})

describe('a purge', () => {
  const went = { rows: 2, files: 1, bytes: 1000, held: 0 }

  test('is summed over its kinds, in the order of the page', () => {
    const kinds = { calls: { ...went, held: 3 }, recordings: went }
    expect(namedIn(kinds)).toEqual(['recordings', 'calls'])
    expect(sumOf(kinds)).toEqual({ rows: 4, files: 2, bytes: 2000, held: 3 })
    expect(sumOf({})).toEqual({ rows: 0, files: 0, bytes: 0, held: 0 })
  })

  test.each([
    [{ ended_at: null, left: 0, files_gone: false }, 'running'],
    [{ ended_at: 'x', left: 0, files_gone: true }, 'proved'],
    [{ ended_at: 'x', left: 1, files_gone: true }, 'incomplete'],
    [{ ended_at: 'x', left: 0, files_gone: false }, 'incomplete'],
  ])('%j is %s', (purge, verdict) => expect(verdictOf(purge)).toBe(verdict))
})

test('a report, without what is empty', () => {
  expect(
    reportOf({ rows: { calls: 3, do_not_call_kept_as_digest: 1, notes: 0 }, files: 2, missing: ['a.wav'] }),
  ).toEqual({
    lines: [
      { name: 'calls', rows: 3 },
      { name: 'do not call kept as digest', rows: 1 },
    ],
    files: 2,
    left: [],
    missing: 1,
  })
  expect(reportOf(null)).toEqual({ lines: [], files: 0, left: [], missing: 0 })
})

test('where a number was written by hand leads to its page, if it has one', () => {
  const agent = { what: 'agents.Agent', id: 'agt_1' }
  const version = { what: 'agents.AgentVersion', id: 'agv_1' }
  expect([pageOf(agent), pageOf(version)]).toEqual(['agents/agt_1', null])
  expect([nameOf(agent), nameOf(version)]).toEqual(['Agent', 'Agent version'])
})

test('numbers as people type them', () => {
  expect(plain('+1 (202) 555-0100')).toBe('+12025550100')
  expect(isNumber('+44 20 7946 0018')).toBe(true)
  expect(isNumber('020 7946 0018')).toBe(false)
  expect(isNumber('')).toBe(false)
})

test('sizes', () => {
  expect([0, 999, 1536, 1_500_000, 45_000_000, 2_000_000_000].map(size)).toEqual([
    '0 B',
    '999 B',
    '1.5 KB',
    '1.5 MB',
    '45 MB',
    '2.0 GB',
  ])
})
