import { expect, test } from 'vitest'
import { choices, languagesInWords, type Offer, offerOf, speaks } from '@/components/vendors/offer'
import { rowsOf, localOnes, type VendorKey } from '@/features/workspace/vendors/rows'

const offer = (change: Partial<Offer>): Offer => ({
  kind: 'llm',
  vendor: 'openai',
  vendor_label: 'OpenAI',
  model: 'small',
  label: 'Small',
  languages: ['*'],
  latency: 'medium',
  prices: [],
  price: '',
  regions: [],
  local: false,
  tools: true,
  end_of_turn: false,
  word_timestamps: false,
  voices: [],
  default: false,
  source: '',
  priced_on: null,
  key_source: 'none',
  available: false,
  measured: null,
  ...change,
})
const cheap = offer({ prices: [{ unit: 'million_input_tokens', usd: '0.1' }], default: true })
const dear = offer({
  vendor: 'anthropic',
  vendor_label: 'Anthropic',
  model: 'large',
  label: 'Large',
  prices: [{ unit: 'million_input_tokens', usd: '5' }],
  available: true,
  measured: { p50_ms: 250, p95_ms: 500, samples: 9 },
})
const unpriced = offer({ vendor: 'azure', vendor_label: 'Azure', languages: ['de-DE'], latency: 'slow' })
const local = offer({ vendor: 'flite', vendor_label: 'Flite', local: true, available: true, latency: 'slow' })
const all = [unpriced, cheap, local, dear]
const wanted = { text: '', language: '', ready: false, order: 'suggested' as const }
const models = (offers: Offer[]) => offers.map(({ vendor }) => vendor)

test('what works now comes first, then what its vendor is chosen for', () => {
  expect(models(choices(all, wanted))[0]).toBe('anthropic')
  expect(models(choices(all, { ...wanted, order: 'speed' }))[0]).toBe('anthropic')
})

test('filters are words, a language in any region, and what can be used', () => {
  expect(models(choices(all, { ...wanted, text: 'anthropic lar' }))).toEqual(['anthropic'])
  expect(models(choices(all, { ...wanted, language: 'fr-FR' }))).not.toContain('azure')
  expect(models(choices(all, { ...wanted, ready: true })).sort()).toEqual(['anthropic', 'flite'])
  expect(speaks(unpriced, 'de-AT')).toBe(true)
})

test('no name stands for the default of the vendor', () => {
  expect(offerOf(all, 'openai', '')).toBe(cheap)
  expect(offerOf(all, 'openai', 'small')).toBe(cheap)
  expect(offerOf(all, 'openai', 'unknown')).toBeUndefined()
  expect(offerOf(all, 'nobody', '')).toBeUndefined()
})

test('languages are named once, a few of them', () => {
  const t = ((key: string, values?: { languages: string; count: number }) =>
    values ? `${values.languages} +${values.count}` : key) as never
  expect(languagesInWords(t, ['en-US', 'en-GB', 'de'])).toBe('English, German')
  expect(languagesInWords(t, ['en', 'de', 'fr', 'it'])).toBe('English, German, French, Italian')
  expect(languagesInWords(t, ['en', 'de', 'fr', 'it', 'es'])).toBe('English, German, French +2')
  expect(languagesInWords(t, ['*'])).toBe('manyLanguages')
})

test('vendors that share a key are one row, own keys first, local ones apart', () => {
  const vendors = [
    { vendor: 'deepgram', label: 'Deepgram', kinds: ['stt', 'tts'], key: 'deepgram', key_source: 'platform' },
    { vendor: 'flite', label: 'Flite', kinds: ['tts'], key: '', key_source: 'local' },
    { vendor: 'openai', label: 'OpenAI', kinds: ['llm', 'stt'], key: 'openai', key_source: 'own' },
    {
      vendor: 'openai_realtime',
      label: 'OpenAI Realtime',
      kinds: ['realtime'],
      key: 'openai',
      key_source: 'own',
    },
  ] as Parameters<typeof rowsOf>[0]
  const key = { vendor: 'openai', last4: '1234' } as VendorKey
  expect(rowsOf(vendors, [key]).map(({ label, kinds, own }) => [label, kinds, own?.last4])).toEqual([
    ['OpenAI', ['stt', 'llm', 'realtime'], '1234'],
    ['Deepgram', ['stt', 'tts'], undefined],
  ])
  expect(localOnes(vendors)).toEqual(['Flite'])
})
