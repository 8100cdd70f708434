import { expect, test } from 'vitest'
import type { Turn } from '@/components/call/types'
import { totalsOf, type TurnAccount, waterfall } from '@/features/calls/call/account/account'

const account: TurnAccount = {
  moments: {
    transcript_asked: 120,
    transcript: 300,
    decided: 340,
    model_asked: 305,
    first_token: 600,
    first_sentence: 690,
    voice_asked: 690,
    first_audio: 810,
    first_packet: 825,
  },
  endpointing: 'adaptive: complete sentence',
  drafts: 1,
  served_by: [
    { component: 'stt', vendor: 'deepgram', model: 'nova', own_key: true },
    { component: 'llm', vendor: 'openai', model: 'slow', own_key: false },
    { component: 'llm', vendor: 'mistral', model: 'small', own_key: false },
  ],
  passed_over: [{ component: 'llm', vendor: 'openai', reason: 'too slow', after_ms: 200 }],
  tools: [],
  usage: {
    audio_ms: 2000,
    input_tokens: 500,
    cached_tokens: 400,
    output_tokens: 30,
    discarded_tokens: 5,
    characters: 60,
    discarded_characters: 0,
    audio_input_tokens: 0,
    audio_output_tokens: 0,
  },
}
const turn = (index: number, change: Partial<Turn> = {}): Turn => ({
  index,
  speaker: 'agent',
  text: 'Yes.',
  start_ms: 0,
  end_ms: 1,
  account,
  ...change,
})

test('parts stand where they were, also those that ran beside others', () => {
  const { spans, from, to } = waterfall(account)
  expect(spans.map(({ part, from, to, early }) => [part, from, to, early])).toEqual([
    ['endpoint', 0, 340, false],
    ['transcript', 120, 300, false],
    ['first_token', 305, 600, true],
    ['sentence', 600, 690, false],
    ['first_audio', 690, 810, false],
    ['own', 810, 825, false],
  ])
  expect([from, to]).toEqual([0, 825])
  // Who took over is who served; nobody is told as the voice.
  expect(spans.map(({ by }) => by?.vendor)).toEqual([
    undefined,
    'deepgram',
    'mistral',
    'mistral',
    undefined,
    undefined,
  ])
})

test('a model that speaks itself is timed from the end of the turn to its first sound', () => {
  const silent = { ...account.moments }
  for (const name of Object.keys(silent) as (keyof typeof silent)[]) silent[name] = null
  const { spans } = waterfall({
    ...account,
    moments: { ...silent, decided: 250, first_audio: 700, first_packet: 710 },
    served_by: [{ component: 'realtime', vendor: 'gemini_live', model: 'live', own_key: false }],
  })
  expect(spans.map(({ part, from, to, by }) => [part, from, to, by?.vendor])).toEqual([
    ['endpoint', 0, 250, undefined],
    ['first_audio', 250, 700, 'gemini_live'],
    ['own', 700, 710, undefined],
  ])
})

test('a call without accounts has no totals, the others sum up', () => {
  expect(totalsOf([turn(0, { account: null })])).toBeNull()
  const totals = totalsOf([turn(0), turn(1), turn(2, { account: undefined })])!
  expect(totals).toMatchObject({ answers: 2, drafts: 2, passedOver: 2 })
  expect(totals.usage).toMatchObject({ input_tokens: 1000, characters: 120, audio_ms: 4000 })
  expect(totals.vendors.map(({ vendor }) => vendor)).toEqual(['deepgram', 'openai', 'mistral'])
})

test('looking things up ends when the model is asked', () => {
  const retrieval = { query: 'opening hours', took_ms: 60, sources: [], trouble: '' }
  const { spans } = waterfall({ ...account, retrieval })
  expect(spans.map(({ part, from, to }) => [part, from, to])[2]).toEqual(['retrieval', 245, 305])
  expect(
    waterfall({ ...account, moments: { ...account.moments, model_asked: null }, retrieval }).spans,
  ).not.toContainEqual(expect.objectContaining({ part: 'retrieval' }))
})
