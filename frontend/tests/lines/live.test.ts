import { expect, test } from 'vitest'
import type { Trunk } from '@/features/lines/data'
import { adviceFor, gatewayCounts } from '@/features/lines/trunks/live/health'
import {
  byTime,
  codesOf,
  failureRows,
  OTHERS,
  ratingOf,
  type TrunkStats,
  wordOf,
} from '@/features/lines/trunks/stats/figures'

const gateway = (state: string, enabled = true) => ({ enabled, health: { state } })

test('gateways are counted by state, the worst first', () => {
  const gateways = [gateway('up'), gateway('down'), gateway('up'), gateway('up', false)]
  expect(gatewayCounts(gateways as unknown as Trunk['gateways'])).toEqual([
    { state: 'down', count: 1 },
    { state: 'up', count: 2 },
    { state: 'off', count: 1 },
  ])
})

test.each([
  ['', null],
  ['The registrar answered 403 Forbidden.', 'credentials'],
  ["The registrar did not accept the trunk's user name and password.", 'credentials'],
  ['The registrar answered 404 Not Found.', 'unknownUser'],
  ['No answer from 203.0.113.9:5060 within 5 s.', 'notThere'],
  ['sip.carrier.example has no address.', 'name'],
  ['TLS with sip.carrier.example: certificate has expired.', 'tls'],
  ['203.0.113.9:5060 takes no tcp connection.', 'connection'],
  ['It answers OPTIONS with 503 Service Unavailable.', 'theirs'],
  ['The registrar wants a longer time (423) and does not say which.', 'interval'],
  ['The registrar answered 420 Bad Extension.', 'ask'],
])('%s: %s', (error, advice) => {
  expect(adviceFor(error)).toBe(advice)
})

const point = {
  at: '2026-03-02T10:00:00Z',
  attempts: 8,
  answered: 5,
  asr: 0.625,
  acd_ms: 61_400,
  pdd_p50_ms: 420,
  pdd_p95_ms: 1900,
  mos: 4.2,
  failures: { '486': 2, none: 1 },
  peak: 3,
}
const quiet = {
  ...point,
  attempts: 0,
  answered: 0,
  asr: null,
  acd_ms: null,
  mos: null,
  failures: {},
  peak: 0,
}

test('figures are drawn in the units they are read in', () => {
  const [row, empty] = byTime([point, quiet] as TrunkStats['series'], 'hour')
  expect(row).toMatchObject({ unanswered: 3, asr: 62.5, acd: 61, peak: 3 })
  expect(row!.label).toMatch(/^\d\d:00$/)
  expect(empty).toMatchObject({ asr: null, acd: null, mos: null })
})

test('the rarest failures are summed up', () => {
  const totals = { '486': 9, '404': 8, '480': 7, '503': 6, '408': 5, '603': 2, '500': 1 }
  const codes = codesOf(totals)
  expect(codes).toEqual(['486', '404', '480', '503', '408', OTHERS])
  const rows = byTime([{ ...point, failures: totals }] as TrunkStats['series'], 'day')
  expect(failureRows(rows, codes)[0]).toMatchObject({ '486': 9, '408': 5, [OTHERS]: 3 })
  // One more is shown itself rather than as "others".
  expect(codesOf({ '486': 6, '404': 5, '480': 4, '503': 3, '408': 2, '603': 1 })).toContain('603')
})

test('every code has a word', () => {
  expect(['486', '302', '499', '580', '699', 'none'].map(wordOf)).toEqual([
    '486',
    '3xx',
    '4xx',
    '5xx',
    '6xx',
    'none',
  ])
})

test('MOS is rated as on the page of a call', () => {
  expect([4.4, 4.1, 3.7, 3.2, 2].map(ratingOf)).toEqual(['excellent', 'good', 'fair', 'poor', 'bad'])
})
