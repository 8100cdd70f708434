import { expect, test } from 'vitest'
import { check, type Words } from '@/features/agents/config/check'
import { toForm } from '@/features/agents/config/convert'
import { emptyTarget } from '@/features/agents/config/reach'
import { emptyPrefetch, emptyTool, type ToolForm } from '@/features/agents/config/tools'
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
  header: 'header',
  parameters: 'parameters',
  takeNothing: 'take nothing',
  belowLeast: 'below least',
  e164: 'e164',
  sipUri: 'sip uri',
  phrase: 'phrase',
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
  const tools = [
    { ...emptyTool('http'), name: 'end call', parameters: '[]', url: 'https://crm.example.com' },
  ] as ToolForm[]
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

test('the faults of tools, secrets and what is fetched before the call are found', () => {
  const tools = [
    { ...emptyTool('http'), name: 'look_up', url: 'crm.example.com', save: [{ name: 'who', value: '' }] },
    {
      ...emptyTool('mcp'),
      name: 'look_up',
      url: 'https://mcp.example.com/',
      headers: [{ name: 'A b', value: '' }],
    },
    { ...emptyTool('collect_digits'), min_digits: 5, max_digits: 4, timeout_ms: 100 },
  ] as ToolForm[]
  const secrets = [
    { name: 'kept', value: '', stored: true, removed: false },
    { name: 'new', value: '', stored: false, removed: false },
  ]
  const prefetch = [{ ...emptyPrefetch(), timeout_ms: 1, url: 'https://crm.example.com' }]
  expect(faults({ tools, secrets, prefetch })).toEqual({
    'config.tools.0.save.0.value': 'required',
    'config.tools.0.url': 'url',
    'config.tools.1.headers.0.name': 'header',
    'config.tools.1.name': 'twice',
    'config.tools.2.max_digits': 'below least',
    'config.tools.2.timeout_ms': '1000-60000',
    'config.secrets.1.value': 'required',
    'config.prefetch.0.timeout_ms': '200-5000',
    'config.prefetch.0.take.0.name': 'name',
    'config.prefetch.0.take.0.value': 'required',
  })
})

test('a transfer leads to somebody, and a message is left only where there is one', () => {
  const target = { ...emptyTarget(), name: 'desk', number: '+1 (202) 555-0123' }
  const transfers = [
    target,
    { ...target, number: '0301234567' },
    { ...target, name: 'sip', number: null, sip_uri: 'desk@pbx.example.com', ring_timeout_ms: 1 },
    { ...target, name: 'other', number: null, agent: '', question: '' },
  ]
  const voicemail = { ...config().voicemail, action: 'leave_message' as const, navigate: true }
  expect(faults({ transfers, voicemail })).toEqual({
    'config.transfers.1.name': 'twice',
    'config.transfers.1.number': 'e164',
    'config.transfers.2.ring_timeout_ms': '5000-120000',
    'config.transfers.2.sip_uri': 'sip uri',
    'config.transfers.3.agent': 'required',
    'config.transfers.3.question': 'required',
    'config.voicemail.message': 'required',
    'config.voicemail.goal': 'required',
  })
})

test('a language is there once', () => {
  const languages = ['de-DE', 'en-US', 'German'].map((language) => ({
    language,
    voice: null,
    transcriber: null,
  }))
  expect(faults({ languages })).toEqual({
    'config.languages.1.language': 'twice',
    'config.languages.2.language': 'language',
  })
})
