import { describe, expect, it } from 'vitest'
import type { CallEvent } from '../../src/api/live'
import { turnAt } from '../../src/components/call/Transcript'
import type { Turn } from '../../src/components/call/types'
import { US, ladder, offset } from '../../src/features/calls/call/ladder'
import { type Mark, marksOf, rowsOf } from '../../src/features/calls/call/marks'
import { type Leg, figure, grade, mosOverTime, rows } from '../../src/features/calls/call/quality'
import { type CallDetail, recordingComes } from '../../src/features/calls/call/useCall'
import { toE164, variablesOf } from '../../src/components/place/place'

const sip = (
  seq: number,
  direction: 'in' | 'out',
  first_line: string,
  peer = '192.0.2.1:5060',
): CallEvent => ({
  seq,
  at: new Date(Date.UTC(2030, 0, 1) + seq * 100).toISOString(),
  event: { type: 'sip', direction, peer, transport: 'udp', first_line, text: `${first_line}\r\nVia: x` },
})

describe('the SIP ladder', () => {
  it('has the caller of an incoming call on the left', () => {
    const { lanes, arrows } = ladder([
      sip(1, 'in', 'INVITE sip:+12025550100@example.test SIP/2.0'),
      { seq: 2, at: '2030-01-01T00:00:00Z', event: { type: 'ringing', sip_code: 180 } },
      sip(3, 'out', 'SIP/2.0 180 Ringing'),
      sip(4, 'out', 'SIP/2.0 200 OK'),
    ])
    expect(lanes).toEqual(['192.0.2.1:5060', US])
    expect(arrows.map(({ label, from, to, kind, offsetMs }) => [label, from, to, kind, offsetMs])).toEqual([
      ['INVITE', 0, 1, 'request', 0],
      ['180 Ringing', 1, 0, 'provisional', 200],
      ['200 OK', 1, 0, 'success', 300],
    ])
  })

  it('has us on the left of an outgoing call, and each gateway that was tried beside', () => {
    const { lanes, arrows } = ladder([
      sip(1, 'out', 'INVITE sip:1@a SIP/2.0', 'a:5060'),
      sip(2, 'in', 'SIP/2.0 503 Service Unavailable', 'a:5060'),
      sip(3, 'out', 'INVITE sip:1@b SIP/2.0', 'b:5060'),
    ])
    expect(lanes).toEqual([US, 'a:5060', 'b:5060'])
    expect(arrows.map(({ from, to, kind }) => [from, to, kind])).toEqual([
      [0, 1, 'request'],
      [1, 0, 'failure'],
      [0, 2, 'request'],
    ])
  })

  it('tells legs apart, and what was sent again', () => {
    const told = (seq: number, leg: number, retransmission: boolean): CallEvent => {
      const message = sip(seq, 'out', 'INVITE sip:1@a SIP/2.0')
      return { ...message, event: { ...message.event, leg, retransmission } as CallEvent['event'] }
    }
    const { arrows } = ladder([told(1, 0, false), told(2, 0, true), told(3, 1, false)])
    expect(arrows.map(({ leg, newLeg, retransmission }) => [leg, newLeg, retransmission])).toEqual([
      [0, true, false],
      [0, false, true],
      [1, true, false],
    ])
  })

  it('is empty without messages', () => {
    expect(ladder([])).toEqual({ lanes: [], arrows: [] })
    expect(offset(1_234)).toBe('1.234 s')
  })
})

describe('quality', () => {
  const direction = {
    packets: 990,
    bytes: 158_400,
    lost: 10,
    lost_percent: 1,
    reordered: 0,
    duplicated: 0,
    discarded: 2,
    empty: 3,
    jitter_ms: 4,
    jitter_max_ms: 9,
    delay_ms: 40,
    mos: 4.2,
    rating: 'good' as const,
    words: 'Good.',
  }
  const nothing = Object.fromEntries(Object.keys(direction).map((name) => [name, null]))
  const unreported = { ...direction, ...nothing, packets: 1000, rating: '' as const, words: '' }
  const leg = {
    received: direction,
    sent: unreported,
    rtt_ms: null,
    transport: 'udp',
    series: [],
  } as unknown as Leg

  it('has a row for what was measured, and for what should have been', () => {
    expect(rows(leg).map(({ measure, received, sent }) => [measure, received, sent])).toEqual([
      ['mos', 4.2, null],
      ['loss', 1, null],
      ['jitter', 4, null],
      ['jitterMax', 9, null],
      ['rtt', null, null],
      ['discarded', 2, null],
      ['empty', 3, null],
      ['packets', 990, 1000],
    ])
  })

  it('knows no jitter of a direction in which nothing came', () => {
    const silent = { ...leg, received: { ...direction, packets: 0, jitter_ms: 0 } }
    expect(rows(silent).find(({ measure }) => measure === 'jitter')?.received).toBeNull()
  })

  it('asks of a call in the browser only what there is', () => {
    const measures = rows({ ...leg, transport: '', received: { ...direction, mos: null } })
    expect(measures.map(({ measure }) => measure)).not.toContain('mos')
  })

  it('has nothing to show of a leg that never was up', () => {
    expect(rows({ ...leg, received: null, sent: null })).toEqual([])
  })

  it('judges by limits, and not what nobody measured', () => {
    expect([grade('loss', 1), grade('loss', 2), grade('loss', 9)]).toEqual(['good', 'fair', 'poor'])
    expect([grade('rtt', null), grade('packets', 5_000)]).toEqual(['unknown', 'good'])
  })

  it('writes figures in their units', () => {
    expect([figure('mos', 4.2), figure('loss', 0.25), figure('loss', 2), figure('rtt', 81.26)]).toEqual([
      '4.20',
      '0.25 %',
      '2.0 %',
      '81.3 ms',
    ])
    expect(figure('packets', 12_345)).toBe('12,345')
  })

  it('follows the worse direction over the call', () => {
    const point = (at_ms: number, rx_mos: number | null, tx_mos: number | null) => ({ at_ms, rx_mos, tx_mos })
    const series = [point(10_000, 4.4, null), point(20_000, 4.3, 3.1), point(30_000, null, null)]
    const told = { ...leg, series } as unknown as Leg
    expect(mosOverTime(told)).toEqual([
      { atMs: 10_000, mos: 4.4 },
      { atMs: 20_000, mos: 3.1 },
    ])
    expect(mosOverTime({ ...told, series: told.series.slice(0, 1) })).toEqual([])
  })
})

it('marks what happened inside the recording', () => {
  const at = (seq: number, at_ms: number): CallEvent => ({
    seq,
    at: '2030-01-01T00:00:00Z',
    event: { type: 'dtmf', digit: '1', direction: 'in', at_ms },
  })
  expect(marksOf([at(1, -20), at(2, 900), at(3, 5_000)], 1_000).map(({ seq, atMs }) => [seq, atMs])).toEqual([
    [1, 0],
    [2, 900],
  ])
})

it('puts marks that are near each other into rows of their own', () => {
  const marks = [0, 10, 20, 500].map((atMs) => ({ atMs }) as Mark)
  expect(rowsOf(marks, 1_000)).toEqual([0, 1, 2, 0])
})

it('finds the turn that is heard', () => {
  const turns = [
    { index: 0, start_ms: 0 },
    { index: 1, start_ms: 2_000 },
  ] as Turn[]
  expect(turnAt(turns, 1_999)?.index).toBe(0)
  expect(turnAt(turns, 2_000)?.index).toBe(1)
  expect(turnAt(turns, -1)).toBeUndefined()
})

describe('a recording', () => {
  const call = { recording: null, answered_at: '2030-01-01T00:00:00Z', ended_at: '2030-01-01T00:01:00Z' }
  const at = (s: number) => Date.parse('2030-01-01T00:01:00Z') + s * 1000

  it('is waited for after an answered call, for a while', () => {
    expect(recordingComes(call as CallDetail, at(5))).toBe(true)
    expect(recordingComes(call as CallDetail, at(600))).toBe(false)
    expect(recordingComes({ ...call, answered_at: null } as CallDetail, at(5))).toBe(false)
  })
})

describe('whom to call', () => {
  it('takes numbers as people write them', () => {
    expect(toE164('+1 (202) 555-0101')).toBe('+12025550101')
    expect(toE164('0044 20 7946 0958')).toBe('+442079460958')
    expect(toE164('020 7946 0958')).toBeNull()
    expect(toE164('+1202555010112345')).toBeNull()
    expect(toE164('+0123456789')).toBeNull()
  })

  it('asks for the variables that the texts use', () => {
    const config = { first_message: 'Hello {{ name }}, {{day}}.', variables: { day: 'Monday' } }
    expect(variablesOf(config)).toEqual({ day: 'Monday', name: '' })
    expect(variablesOf(undefined)).toEqual({})
  })
})
