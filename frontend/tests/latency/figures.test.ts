import { expect, test } from 'vitest'
import { byTime, byVendor, type Group, type Percentiles, stepOf } from '@/features/latency/figures'

const figures = (p50_ms: number): Percentiles => ({
  p50_ms,
  p95_ms: p50_ms * 2,
  p99_ms: p50_ms * 3,
  samples: 10,
})
const group = (change: Partial<Group>): Group => ({
  agent: null,
  agent_name: null,
  kind: null,
  vendor: null,
  model: null,
  at: null,
  turns: 10,
  parts: {},
  ...change,
})

test('a day goes by the hour, longer by the day', () => {
  expect([stepOf(1), stepOf(7), stepOf(30)]).toEqual(['hour', 'day', 'day'])
})

test('each point has the whole in three measures and its parts in the chosen one', () => {
  const at = '2030-01-01T00:00:00Z'
  const [row] = byTime([group({ at, parts: { total: figures(600), own: figures(5) } })], 'day', 'p95_ms')
  expect(row).toMatchObject({ p50_ms: 600, p95_ms: 1200, p99_ms: 1800, own: 10, endpoint: null, turns: 10 })
})

test('vendors stand by what they do, the fastest first, with their own parts only', () => {
  const rows = byVendor([
    group({ kind: 'tts', vendor: 'cartesia', parts: { first_audio: figures(100), total: figures(700) } }),
    group({ kind: 'llm', vendor: 'openai', parts: { first_token: figures(400), sentence: figures(50) } }),
    group({ kind: 'llm', vendor: 'groq', model: 'small', parts: { first_token: figures(200) } }),
    group({ kind: 'stt', vendor: 'deepgram', parts: { total: figures(700) } }),
  ])
  expect(rows.map(({ vendor, model, part }) => [vendor, model, part])).toEqual([
    ['groq', 'small', 'first_token'],
    ['openai', '', 'first_token'],
    ['openai', '', 'sentence'],
    ['cartesia', '', 'first_audio'],
  ])
})
