import { expect, test } from 'vitest'
import { check, type Words } from '@/features/agents/config/check'
import { toForm } from '@/features/agents/config/convert'
import { emptyBranch, emptyChat, emptyConfig, emptyEndpoint } from '@/features/agents/config/defaults'
import type { ConfigForm, ScriptForm } from '@/features/agents/config/types'
import { sectionOf } from '@/features/agents/editor/form'

const words: Words = {
  required: 'required',
  name: 'name',
  twice: 'twice',
  between: (least, most) => `${least}-${most}`,
  tooLong: (most) => `<${most}`,
  language: 'language',
  url: 'url',
  json: 'json',
  key: 'key',
  match: 'match',
  noNode: 'no node',
  noSlot: (slot) => `no ${slot}`,
  choices: 'choices',
  endPhrase: 'end',
  protectedPhrase: 'protected',
  tool: 'tool',
  voice: 'voice',
  same: 'same',
  aboveLeast: 'above least',
  belowLongest: 'below longest',
}
const config = (change: Partial<ConfigForm> = {}): ConfigForm => ({ ...toForm(emptyConfig()), ...change })
const faults = (change: Partial<ConfigForm>) => check({ name: 'Front desk', config: config(change) }, words)

test('an untouched configuration has no faults', () => {
  expect(faults({})).toEqual({})
})

test('a number outside its limits, or none, is at its place', () => {
  const turn_taking = { ...config().turn_taking, endpointing_ms: 50, min_speech_ms: '' as unknown as number }
  expect(faults({ turn_taking })).toEqual({
    'config.turn_taking.endpointing_ms': '100-3000',
    'config.turn_taking.min_speech_ms': '20-1000',
  })
})

test('the faults of a script are found', () => {
  const script = config().model as ScriptForm
  const start = script.nodes[0]!
  const branches = [
    emptyBranch(),
    { ...emptyBranch(), phrases: ['on {day}'], goto: 'nowhere' },
    { ...emptyBranch(), dtmf: '10' },
  ]
  const model = {
    ...script,
    start: 'gone',
    nodes: [
      { ...start, expect: branches },
      { ...start, expect: [] },
    ],
  }
  expect(faults({ model })).toEqual({
    'config.model.start': 'no node',
    'config.model.nodes.0.expect.0.phrases': 'match',
    'config.model.nodes.0.expect.1.goto': 'no node',
    'config.model.nodes.0.expect.1.phrases': 'no day',
    'config.model.nodes.0.expect.2.dtmf': 'key',
    'config.model.nodes.1.name': 'twice',
  })
})

test('a slot in double braces is a variable', () => {
  const script = config().model as ScriptForm
  const nodes = [{ ...script.nodes[0]!, expect: [{ ...emptyBranch(), phrases: ['for {{company}}'] }] }]
  expect(faults({ model: { ...script, nodes } })).toEqual({})
})

test('the faults of an endpoint and of its tools are found', () => {
  const tools = [{ name: 'end call', description: '', parameters: '[]' }]
  expect(faults({ model: { ...emptyEndpoint(), base_url: 'llm.example.com' }, tools })).toEqual({
    'config.model.base_url': 'url',
    'config.model.model': 'required',
    'config.tools.0.name': 'tool',
    'config.tools.0.parameters': 'json',
  })
})

test('who takes over is held to the same limits, and is somebody else', () => {
  const model = { ...emptyChat(), model: 'small' }
  const { voice, transcriber } = config()
  const fallbacks = {
    models: [
      { ...emptyChat(), provider: 'mistral' as const, model: 'large', first_token_ms: 50 },
      { ...model, temperature: 1 },
    ],
    voices: [{ ...voice, voice: '' }],
    transcribers: [
      transcriber,
      { ...transcriber, provider: 'deepgram', extra: [{ name: 'Tier', value: '' }] },
    ],
  }
  expect(faults({ model, fallbacks })).toEqual({
    'config.fallbacks.models.0.first_token_ms': '200-30000',
    'config.fallbacks.models.1.model': 'same',
    'config.fallbacks.voices.0.voice': 'voice',
    'config.fallbacks.transcribers.0.provider': 'same',
    'config.fallbacks.transcribers.1.extra.0.name': 'name',
  })
})

test('settings that contradict each other are told, and what is switched off is no fault', () => {
  const turn_taking = {
    ...config().turn_taking,
    endpointing_min_ms: 800,
    endpointing_max_ms: 700,
    resume_after_ms: null,
    protected_phrases: ['x'],
  }
  expect(faults({ turn_taking, max_duration_ms: 60_000, max_duration_warning_ms: 60_000 })).toEqual({
    'config.turn_taking.endpointing_max_ms': 'above least',
    'config.turn_taking.protected_phrases': 'protected',
    'config.max_duration_warning_ms': 'below longest',
  })
})

test.each([
  ['name', 'conversation'],
  ['config.variables.0.name', 'conversation'],
  ['config.model.nodes.0.say', 'model'],
  ['config.silence.prompts', 'turns'],
  ['config.fallbacks.voices.0.voice', 'voice'],
  ['config.fallbacks.models.1.model', 'model'],
  ['config.transcriber.hints', 'hearing'],
  ['config.tools.0.name', 'tools'],
  ['config.fillers.after_ms', 'sounds'],
  ['config.max_duration_ms', 'ending'],
  ['config.extraction.1.choices', 'extraction'],
])('%s is in the section %s', (place, section) => {
  expect(sectionOf(place)).toBe(section)
})
