import { expect, test } from 'vitest'
import { choices, type Offer, type Wanted } from '@/components/vendors/offer'

const offer = (vendor: string, change: Partial<Offer> = {}): Offer => ({
  ...({ languages: ['*'], latency: 'medium', available: true, local: false } as Offer),
  vendor,
  vendor_label: vendor,
  label: vendor,
  model: '',
  prices: [{ unit: 'minute', usd: '0.01' }],
  ...change,
})
const wanted: Wanted = { text: '', language: '', ready: false, order: 'price' }
const inOrder = (...offers: Offer[]) => choices(offers, wanted).map(({ vendor }) => vendor)

test('by price: what is free first, what has no known price last', () => {
  expect(
    inOrder(
      offer('unknown', { prices: [] }),
      offer('dear', { prices: [{ unit: 'minute', usd: '0.05' }] }),
      offer('unknown too', { prices: [] }),
      offer('cheap'),
      offer('ours', { prices: [], local: true }),
    ),
  ).toEqual(['ours', 'cheap', 'dear', 'unknown', 'unknown too'])
})

test('models are compared by what a minute of a call takes of them', () => {
  const tokens = (input: string, output: string): Offer['prices'] => [
    { unit: 'million_input_tokens', usd: input },
    { unit: 'million_output_tokens', usd: output },
  ]
  // Far more is read than written.
  expect(
    inOrder(
      offer('reads dear', { prices: tokens('2', '4') }),
      offer('writes dear', { prices: tokens('1', '8') }),
    ),
  ).toEqual(['writes dear', 'reads dear'])
})
