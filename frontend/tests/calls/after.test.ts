import { describe, expect, it } from 'vitest'
import { inPieces } from '@/components/call/Transcript'
import { partsOf, stateOfShare } from '@/features/calls/after/shares'
import { between, faultOf, timeAt } from '@/features/calls/after/span'
import { byCall } from '@/features/calls/search/Hits'
import { fromAddress, toAddress, toQuery } from '@/features/calls/search/question'
import type { Hit } from '@/features/calls/search/useFound'

describe('a part of the recording', () => {
  it('begins where the drawing began, whichever way it went', () => {
    expect(timeAt(50, 200, 60_000)).toBe(15_000)
    expect(timeAt(-5, 200, 60_000)).toBe(0)
    expect(timeAt(900, 200, 60_000)).toBe(60_000)
    expect(timeAt(5, 0, 60_000)).toBe(0)
    expect(between(9_000, 4_000, 'caller')).toEqual({ startMs: 4_000, endMs: 9_000, side: 'caller' })
  })

  it('lies inside the recording and is longer than a slip of the finger', () => {
    const fault = (startMs: number, endMs: number) => faultOf({ startMs, endMs, side: 'both' }, 60_000)
    expect(fault(4_000, 9_000)).toBeNull()
    expect(fault(4_000, 4_050)).toBe('empty')
    expect(fault(9_000, 4_000)).toBe('empty')
    expect(fault(NaN, 4_000)).toBe('empty')
    expect(fault(59_000, 60_001)).toBe('outside')
    expect(fault(-1, 4_000)).toBe('outside')
  })
})

describe('a link to a call', () => {
  const until = '2030-01-02T00:00:00Z'
  const before = Date.parse('2030-01-01T00:00:00Z')

  it('works until it is over or revoked', () => {
    expect(stateOfShare({ expires_at: until, revoked_at: null }, before)).toBe('works')
    expect(stateOfShare({ expires_at: until, revoked_at: until }, before)).toBe('revoked')
    expect(stateOfShare({ expires_at: until, revoked_at: null }, Date.parse(until))).toBe('over')
  })

  it('says what it shows', () => {
    expect(partsOf({ recording: true, transcript: false, analysis: true })).toEqual(['recording', 'analysis'])
  })
})

describe('the search through transcripts', () => {
  it('stands in the address, without what cannot be', () => {
    const question = fromAddress({ q: 'refund', speaker: 'nobody', agent: 'agt_1', days: 7, more: 1 })
    expect(question).toEqual({ q: 'refund', speaker: '', agent: 'agt_1', days: '7' })
    expect(toAddress(question)).toEqual({ q: 'refund', agent: 'agt_1', days: '7' })
    expect(fromAddress({ q: '   ' }).q).toBe('')
  })

  it('asks from the first of the days on', () => {
    const asked = toQuery({ q: ' a b ', speaker: '', agent: '', days: '1' }, new Date(2030, 0, 5, 14, 30))
    expect(asked).toEqual({ q: 'a b', since: new Date(2030, 0, 5).toISOString() })
  })

  it('puts the turns of a call together', () => {
    const hit = (call: string, index: number) => ({ call: { id: call }, turn: index }) as unknown as Hit
    const found = byCall([hit('b', 3), hit('a', 1), hit('b', 1)])
    expect(found.map((hits) => hits.map(({ call, turn }) => `${call.id}${turn}`))).toEqual([
      ['b3', 'b1'],
      ['a1'],
    ])
  })
})

describe('a quote in a turn', () => {
  it('is marked where it stands, whatever its case', () => {
    expect(inPieces('Yes please, Tuesday', 'tuesday').filter(({ marked }) => marked)).toEqual([
      { text: 'Tuesday', marked: true },
    ])
    expect(inPieces('Yes', 'no')).toEqual([{ text: 'Yes', marked: false }])
    expect(inPieces('Yes')).toEqual([{ text: 'Yes', marked: false }])
  })
})
