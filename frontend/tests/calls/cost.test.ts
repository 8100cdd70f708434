import { expect, test } from 'vitest'
import { isCostComponent, quantityOf } from '@/features/calls/call/cost'

test('how an amount came about', () => {
  const seconds = { quantity: 65, unit: 'seconds', price_micros: 50_000, per: 60 }
  expect(quantityOf(seconds, 'USD')).toBe('65 seconds × $0.05 / 60')
  expect(quantityOf({ ...seconds, per: 1 }, 'USD')).toBe('65 seconds × $0.05')
  const tokens = { quantity: 1204, unit: 'tokens', price_micros: 3_000_000, per: 1_000_000 }
  expect(quantityOf(tokens, 'USD')).toBe('1,204 tokens × $3.00 / 1,000,000')
})

test('what is free names no price', () =>
  expect(quantityOf({ quantity: 65, unit: 'seconds', price_micros: 0, per: 60 }, 'USD')).toBe('65 seconds'))

test('components that are new are told from those that have words', () =>
  expect([isCostComponent('llm'), isCostComponent('telepathy')]).toEqual([true, false]))
