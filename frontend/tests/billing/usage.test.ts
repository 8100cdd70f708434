import { describe, expect, test } from 'vitest'
import { spanName } from '@/features/billing/invoices/span'
import { roomOf, usedOf } from '@/features/billing/limits/limits'
import { byDay, componentsIn, lastDays, periodOf } from '@/features/billing/usage/usage'

const NOW = new Date(2026, 2, 1, 12)

describe('days of usage', () => {
  test('today counts, also over the end of a month', () => {
    expect(lastDays(7, NOW)).toEqual({ from: '2026-02-23', until: '2026-03-01' })
  })

  test('a span is known by its days', () => {
    expect(periodOf(lastDays(30, NOW), NOW)).toBe(30)
    expect(periodOf({ from: '2026-02-01', until: '2026-03-01' }, NOW)).toBeNull()
  })

  test('are named as there is room for', () => {
    const row = { key: '2026-03-01', name: '', calls: 2, seconds: 60, micros: 5, components: { platform: 5 } }
    expect(byDay([row])[0]!.label).toBe('Sun 1')
    expect(byDay(Array.from({ length: 30 }, () => row))[0]!.label).toBe('1 Mar')
  })

  test('components stand in the order of a bill; new ones after, empty ones not at all', () => {
    const rows: { components: Record<string, number> }[] = [
      { components: { tts: 3, platform: 2 } },
      { components: { stt: 0, telepathy: 1, included: 0, platform: 1 } },
    ]
    expect(componentsIn(rows)).toEqual(['platform', 'tts', 'telepathy'])
    expect(componentsIn([])).toEqual([])
  })
})

describe('a limit', () => {
  const limit = { amount_micros: 100, spent_micros: 50, held_micros: 20 }

  test('counts what is held', () => expect(usedOf(limit)).toBe(0.7))

  test('is never more than used up, and one of nothing is', () => {
    expect(usedOf({ ...limit, spent_micros: 150 })).toBe(1)
    expect(usedOf({ amount_micros: 0, spent_micros: 0, held_micros: 0 })).toBe(1)
  })

  test.each([
    [0, 'free'],
    [29, 'free'],
    [30, 'little'],
    [50, 'none'],
  ] as const)('with %j held it is %j', (held, room) =>
    expect(roomOf({ ...limit, spent_micros: 50, held_micros: held })).toBe(room),
  )
})

test('a month has its name, a part of one its days', () => {
  expect(spanName({ period_start: '2026-02-01', period_end: '2026-02-28' })).toBe('February 2026')
  expect(spanName({ period_start: '2026-11-12', period_end: '2026-11-30' })).toBe('12 Nov – 30 Nov 2026')
})
