import { describe, expect, test } from 'vitest'
import { msOf } from '@/components/quantity'
import { eachOf, isCostComponent } from '@/features/calls/call/cost'

describe('what a price is for', () => {
  test.each([
    ['second', 50_000, 60, 'minute'],
    ['millisecond', 4_300, 60_000, 'minute'],
    ['second', 50_000, 1, 'one'],
    ['input_token', 3_000_000, 1_000_000, 'million'],
    ['input_token', 60, 60, 'many'],
    ['second', 0, 60, null],
  ] as const)('%s at %d for %d', (unit, price_micros, per, each) =>
    expect(eachOf({ unit, price_micros, per })).toBe(each),
  )
})

test('times are told from what is counted', () => {
  expect([msOf(65, 'second'), msOf(1500, 'millisecond'), msOf(7, 'character')]).toEqual([65_000, 1500, null])
})

test('components that are new are told from those that have words', () =>
  expect([isCostComponent('llm'), isCostComponent('telepathy')]).toEqual([true, false]))
