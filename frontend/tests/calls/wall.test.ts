import { describe, expect, it } from 'vitest'
import type { Turn } from '../../src/components/call/types'
import { joined } from '../../src/features/calls/wall/LiveCard'
import { samples, startOf } from '../../src/features/calls/wall/listen'

describe('the transcript of a running call', () => {
  const turn = (index: number, text: string) => ({ index, speaker: 'agent', text }) as Turn

  it('has what was said before we came and what we heard ourselves, once', () => {
    const all = joined([turn(0, 'Hello.'), turn(1, 'old')], [turn(1, 'new'), turn(2, 'Goodbye.')])
    expect(all.map(({ text }) => text)).toEqual(['Hello.', 'new', 'Goodbye.'])
  })
})

describe('listening in', () => {
  it('reads 16-bit little-endian samples', () => {
    const pcm = new Uint8Array([0x00, 0x80, 0x00, 0x00, 0xff, 0x7f, 0x00]).buffer
    const [low, zero, high, ...none] = samples(pcm)
    expect([low, zero, none]).toEqual([-1, 0, []])
    expect(high).toBeCloseTo(1, 3)
  })

  it('plays piece after piece without a gap', () => {
    expect(startOf(10, 10.2)).toBe(10.2)
  })

  it('takes a breath at the beginning and after a pause', () => {
    expect(startOf(10, 0)).toBe(10.25)
  })

  it('leaps when it has fallen far behind the call', () => {
    expect(startOf(10, 12)).toBe(10.25)
  })
})
