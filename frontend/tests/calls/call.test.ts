import { describe, expect, it } from 'vitest'
import type { CallEvent } from '../../src/api/live'
import { turnAt } from '../../src/components/call/Transcript'
import type { Turn } from '../../src/components/call/types'
import { US, ladder, offset } from '../../src/features/calls/call/ladder'
import { type Mark, marksOf, rowsOf } from '../../src/features/calls/call/marks'
import { type Media, grade, overall, rows } from '../../src/features/calls/call/quality'
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

  it('is empty without messages', () => {
    expect(ladder([])).toEqual({ lanes: [], arrows: [] })
    expect(offset(1_234)).toBe('1.234 s')
  })
})

describe('media quality', () => {
  const media: Media = {
    codec: 'PCMU',
    rx_packets: 990,
    rx_lost: 10,
    rx_jitter_ms: 4,
    rx_discarded: 0,
    tx_packets: 1000,
    tx_lost: null,
    tx_jitter_ms: null,
    rtt_ms: null,
  }

  it('counts what was lost among what was sent', () => {
    expect(rows(media)[0]).toEqual({ measure: 'loss', received: 1, sent: null })
  })

  it('is as good as its worst part', () => {
    expect(overall(media)).toBe('good')
    expect(overall({ ...media, rtt_ms: 400 })).toBe('fair')
    expect(overall({ ...media, rtt_ms: 400, tx_lost: 50 })).toBe('poor')
  })

  it('says so when nothing was measured', () => {
    expect(overall({ ...media, rx_packets: 0, rx_lost: 0 })).toBe('unknown')
    expect(grade('loss', null)).toBe('unknown')
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
