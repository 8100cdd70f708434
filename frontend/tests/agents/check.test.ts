import { expect, test } from 'vitest'
import { check, type Words } from '@/features/agents/config/check'
import { toForm } from '@/features/agents/config/convert'
import { emptyBranch, emptyConfig, emptyEndpoint } from '@/features/agents/config/defaults'
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

test('the faults of an endpoint are found', () => {
  const tools = [{ name: 'end call', description: '', parameters: '[]' }]
  expect(faults({ model: { ...emptyEndpoint(), base_url: 'llm.example.com', tools } })).toEqual({
    'config.model.base_url': 'url',
    'config.model.model': 'required',
    'config.model.tools.0.name': 'name',
    'config.model.tools.0.parameters': 'json',
  })
})

test.each([
  ['name', 'conversation'],
  ['config.variables.0.name', 'conversation'],
  ['config.model.nodes.0.say', 'model'],
  ['config.silence.prompts', 'turns'],
  ['config.max_duration_ms', 'ending'],
  ['config.extraction.1.choices', 'extraction'],
])('%s is in the section %s', (place, section) => {
  expect(sectionOf(place)).toBe(section)
})
