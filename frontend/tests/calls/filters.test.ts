import dayjs from 'dayjs'
import { describe, expect, it } from 'vitest'
import type { CallItem } from '../../src/api/live'
import { fits, fromSearch, inUse, noFilters, same, toQuery, toSearch } from '../../src/features/calls/filters'
import { visible } from '../../src/features/calls/list/useWindow'

const now = new Date('2030-05-10T12:00:00Z')

describe('filters in the address', () => {
  it('survive the way there and back', () => {
    const filters = {
      ...noFilters,
      q: '+1202',
      state: ['ringing', 'in_progress'],
      end_reason: ['busy'],
      answered_by: ['machine', 'menu'],
      test: 'false',
      min_s: '30',
    }
    expect(fromSearch(toSearch(filters))).toEqual(filters)
  })

  it('leave the address clean when nothing is narrowed', () => {
    expect(toSearch(noFilters)).toEqual({})
    expect(toQuery(noFilters, now)).toEqual({})
  })

  it('take what a router has already parsed', () => {
    expect(fromSearch({ q: 2025, test: true, state: 'ended' })).toMatchObject({
      q: '2025',
      test: 'true',
      state: ['ended'],
    })
  })

  it('drop what cannot be', () => {
    const filters = fromSearch({
      after: 'yesterday',
      min_s: '-1',
      agent: 'call_1',
      trunk: 'num_1',
      direction: 'up',
      other: 'x',
    })
    expect(filters).toEqual(noFilters)
  })

  it('are the same whatever the order they were stored in', () => {
    expect(same(fromSearch({ q: 'a', test: 'true' }), fromSearch({ test: 'true', q: 'a' }))).toBe(true)
  })
})

describe('filters for the API', () => {
  it('include both days, by the clock of the reader', () => {
    const query = toQuery({ ...noFilters, after: '2030-05-01', before: '2030-05-02' }, now)
    expect(query.created_after).toBe(dayjs('2030-05-01').toISOString())
    expect(query.created_before).toBe(dayjs('2030-05-03').toISOString())
  })

  it('count today among the last days, and stay the same all day long', () => {
    const at = (hour: number) =>
      toQuery({ ...noFilters, days: '7' }, dayjs('2030-05-10').hour(hour).toDate()).created_after
    expect(at(9)).toBe(dayjs('2030-05-04').toISOString())
    expect(at(23)).toBe(at(0))
  })

  it('turn seconds into milliseconds and words into truth', () => {
    expect(toQuery({ ...noFilters, min_s: '30', max_s: '0', test: 'false' }, now)).toEqual({
      min_duration_ms: 30_000,
      max_duration_ms: 0,
      test: false,
    })
  })
})

describe('a call that has just begun', () => {
  const call = {
    state: 'ringing',
    direction: 'inbound',
    agent: 'agt_1',
    number: 'num_1',
    trunk: 'trk_1',
    test: true,
  } as CallItem

  it('belongs in a list that it fits', () => {
    expect(fits(call, noFilters)).toBe(true)
    expect(fits(call, { ...noFilters, agent: 'agt_1', test: 'true', days: '7' })).toBe(true)
    expect(fits(call, { ...noFilters, direction: 'outbound' })).toBe(false)
    expect(fits(call, { ...noFilters, trunk: 'trk_1' })).toBe(true)
    expect(fits(call, { ...noFilters, trunk: 'trk_2' })).toBe(false)
  })

  it('is not promised to a list that only the server can judge', () => {
    expect(fits(call, { ...noFilters, q: '1202' })).toBe(false)
    expect(fits(call, { ...noFilters, min_s: '30' })).toBe(false)
    expect(fits(call, { ...noFilters, before: '2020-01-01' })).toBe(false)
  })
})

it('counts the filters in use without the search', () => {
  expect(inUse({ ...noFilters, q: 'x', state: ['ended'], test: 'true' })).toBe(2)
})

describe('the rows that are drawn', () => {
  it('are those on the screen and a few around', () => {
    expect(visible(10_000, 40, 200, 800)).toEqual({ first: 0, end: 27 })
    const far = visible(10_000, 40, -200_000, 800)
    expect(far.first).toBeLessThan(5_000)
    expect(far.end).toBeGreaterThan(5_020)
    expect(far.end - far.first).toBeLessThan(60)
  })

  it('are all of a short list', () => {
    expect(visible(3, 40, 100, 800)).toEqual({ first: 0, end: 3 })
    expect(visible(0, 40, 100, 800)).toEqual({ first: 0, end: 0 })
  })
})
