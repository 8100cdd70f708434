import { expect, test } from 'vitest'
import { canonical, fromForm, inOrder, placeOf, toForm } from '@/features/agents/config/convert'
import { emptyConfig } from '@/features/agents/config/defaults'
import { emptyTarget } from '@/features/agents/config/reach'
import type { HttpTool } from '@/features/agents/config/tools'
import type { AgentConfig, Node, Script } from '@/features/agents/config/types'

const node = (...goto: string[]): Node => ({
  say: '',
  expect: goto.map((to) => ({
    phrases: [`go to ${to}`],
    dtmf: null,
    set: { seen: to },
    reply: '',
    goto: to,
    action: 'none',
  })),
  otherwise: 'Sorry.',
  otherwise_limit: 3,
  otherwise_goto: null,
})

const script: Script = {
  provider: 'script',
  start: 'menu',
  nodes: { alone: node(), day: node('time'), menu: node('day', 'time'), time: node() },
  slots: { part: ['morning', 'afternoon'] },
}
const config: AgentConfig = { ...emptyConfig(), model: script, variables: { company: 'Corner Workshop' } }

const look_up: HttpTool = {
  type: 'http',
  name: 'look_up',
  description: 'Finds a customer.',
  method: 'GET',
  url: 'https://crm.example.com/customers/{number}',
  headers: { Authorization: 'Bearer {{secret.crm_token}}' },
  parameters: { type: 'object', properties: { number: { type: 'string' } } },
  send: 'query',
  timeout_ms: 4000,
  save: { customer_name: 'customer.name' },
}

test('a configuration survives the form', () => {
  expect(canonical(fromForm(toForm(config)))).toBe(canonical(config))
})

test('an endpoint survives the form, and its key is kept unless one is typed or removed', () => {
  const endpoint = {
    ...emptyConfig(),
    model: {
      provider: 'openai_compatible' as const,
      base_url: 'https://llm.example.com/v1',
      model: 'small',
      api_key: null,
      temperature: 0.3,
      max_tokens: 400,
      first_token_ms: 2500,
      timeout_ms: 10_000,
    },
    tools: [look_up],
  }
  const form = toForm(endpoint)
  expect(canonical(fromForm(form))).toBe(canonical(endpoint))
  if (form.model.provider !== 'openai_compatible') throw new Error('another model')
  const typed = { ...form, model: { ...form.model, api_key: 'secret' } }
  expect(fromForm(typed).model).toMatchObject({ api_key: 'secret' })
  expect(fromForm({ ...form, model: { ...form.model, remove_key: true } }).model).toMatchObject({
    api_key: '',
  })
})

test('vendors, their settings and who takes over survive the form', () => {
  const base = emptyConfig()
  const chat = {
    provider: 'anthropic' as const,
    model: 'small',
    temperature: 0.2,
    max_tokens: 200,
    first_token_ms: 900,
    timeout_ms: 5000,
    extra: { service_tier: 'priority' },
  }
  const vendors: AgentConfig = {
    ...base,
    model: chat,
    voice: { ...base.voice, provider: 'cartesia', voice: 'a-voice', extra: { emotion: 'calm' } },
    fallbacks: {
      models: [{ ...chat, provider: 'mistral' }],
      voices: [base.voice],
      transcribers: [{ ...base.transcriber, provider: 'deepgram' }],
    },
  }
  expect(canonical(fromForm(toForm(vendors)))).toBe(canonical(vendors))
  const form = toForm(vendors)
  expect(placeOf('config.voice.extra.emotion', form)).toBe('config.voice.extra.0.value')
  expect(placeOf('config.fallbacks.models.0.extra.service_tier', form)).toBe(
    'config.fallbacks.models.0.extra.0.value',
  )
  const realtime = {
    ...base,
    model: {
      provider: 'gemini_live' as const,
      model: 'live',
      voice: '',
      temperature: 0.7,
      timeout_ms: 10_000,
      extra: {},
    },
  }
  expect(canonical(fromForm(toForm(realtime)))).toBe(canonical(realtime))
})

test('what the API leaves out has its default', () => {
  const form = toForm({
    model: { provider: 'script', start: 'start', nodes: { start: {} as Node }, slots: {} },
  })
  expect(form.turn_taking.endpointing_ms).toBe(450)
  expect(form.turn_taking.endpointing).toBe('adaptive')
  expect(form.fallbacks.voices).toEqual([])
  expect(form.model).toMatchObject({ nodes: [{ name: 'start', expect: [], otherwise_limit: 3 }] })
})

test('nodes come in the order in which a caller meets them', () => {
  expect(inOrder(script)).toEqual(['menu', 'day', 'time', 'alone'])
})

test.each([
  ['config.turn_taking.endpointing_ms', 'config.turn_taking.endpointing_ms'],
  ['config.model.nodes.day.expect.0.goto', 'config.model.nodes.1.expect.0.goto'],
  ['config.model.nodes.menu.expect.1.phrases.0', 'config.model.nodes.0.expect.1.phrases'],
  ['config.model.nodes.menu.expect.1', 'config.model.nodes.0.expect.1.phrases'],
  ['config.model.nodes.menu.expect.0.set.seen', 'config.model.nodes.0.expect.0.set.0.value'],
  ['config.model.nodes.time', 'config.model.nodes.2.name'],
  ['config.model.nodes.gone.say', 'config.model.nodes.gone.say'],
  ['config.model.slots.part.1', 'config.model.slots.0.values'],
  ['config.variables.company', 'config.variables.0.value'],
  ['config.silence.prompts.2', 'config.silence.prompts'],
  ['name', 'name'],
])('the server’s %s lies at %s', (field, place) => {
  expect(placeOf(field, toForm(config))).toBe(place)
})

test('what an agent can do survives the form', () => {
  const base = emptyConfig()
  const full: AgentConfig = {
    ...base,
    tools: [look_up, { type: 'transfer', name: 'transfer_call', description: '', targets: ['desk'] }],
    secrets: { crm_token: null },
    prefetch: [
      {
        url: 'https://crm.example.com/{{caller}}',
        headers: {},
        timeout_ms: 900,
        take: { name: 'customer.name' },
      },
    ],
    languages: [{ language: 'de-DE', voice: base.voice, transcriber: null }],
    transfers: [{ ...emptyTarget(), name: 'desk', number: '+12025550120', mode: 'warm' }],
    knowledge: { ...base.knowledge, bases: ['kb_1'] },
  }
  expect(canonical(fromForm(toForm(full, ['crm_token'])))).toBe(canonical(full))
})

test('secrets are kept, set and removed by name', () => {
  const form = toForm(emptyConfig(), ['old', 'kept', 'gone'])
  const secrets = [
    ...form.secrets.map((one) => ({
      ...one,
      value: one.name === 'old' ? 'replaced' : '',
      removed: one.name === 'gone',
    })),
    { name: 'new', value: 'typed', stored: false, removed: false },
    { name: 'forgotten', value: '', stored: false, removed: false },
  ]
  expect(fromForm({ ...form, secrets }).secrets).toEqual({
    gone: '',
    kept: null,
    old: 'replaced',
    new: 'typed',
  })
})

test('faults in dictionaries of tools lie at their rows, those of a schema at the schema', () => {
  const form = toForm({ ...emptyConfig(), tools: [look_up], secrets: { crm_token: null } }, ['crm_token'])
  expect(placeOf('config.tools.0.headers.Authorization', form)).toBe('config.tools.0.headers.0.value')
  expect(placeOf('config.tools.0.save.customer_name', form)).toBe('config.tools.0.save.0.value')
  expect(placeOf('config.tools.0.parameters.properties.number.type', form)).toBe('config.tools.0.parameters')
  expect(placeOf('config.secrets.crm_token', form)).toBe('config.secrets.0.value')
  expect(placeOf('config.knowledge.bases.1', form)).toBe('config.knowledge.bases')
  expect(placeOf('config.transfers.0.number', form)).toBe('config.transfers.0.number')
})
