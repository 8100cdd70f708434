/** What the browser checks before the server does: the same limits as the contract's. */
import type { AgentForm, BranchForm, ConfigForm, EndpointForm, NodeForm, ScriptForm } from './types'

export type Faults = Record<string, string>

/** Texts of faults; the editor gives them in the reader's language. */
export interface Words {
  required: string
  name: string
  twice: string
  between: (least: number, most: number) => string
  tooLong: (most: number) => string
  language: string
  url: string
  json: string
  key: string
  match: string
  noNode: string
  noSlot: (slot: string) => string
  choices: string
  endPhrase: string
}

const NAME = /^[a-z][a-z0-9_]{0,63}$/
const SLOT = /(?<!\{)\{([a-z][a-z0-9_]{0,63})\}(?!\})/g

/** Least and most of every number, by its place under `config`. */
export const LIMITS: Record<string, [number, number]> = {
  'voice.speed': [0.5, 2],
  'turn_taking.endpointing_ms': [100, 3000],
  'turn_taking.transcript_after_ms': [60, 3000],
  'turn_taking.transcript_timeout_ms': [100, 10_000],
  'turn_taking.min_speech_ms': [20, 1000],
  'turn_taking.barge_in_min_speech_ms': [40, 2000],
  'silence.prompt_after_ms': [1000, 120_000],
  max_duration_ms: [10_000, 14_400_000],
  'model.temperature': [0, 2],
  'model.max_tokens': [1, 4096],
  'model.timeout_ms': [500, 60_000],
}

const MAX_TEXT = 4000
const TEXTS = ['first_message', 'max_duration_message', 'fallback_message'] as const

export function check(form: AgentForm, words: Words): Faults {
  const faults: Faults = {}
  const put = (place: string, text: string) => (faults[place] ??= text)
  if (!form.name.trim()) put('name', words.required)
  else if (form.name.length > 200) put('name', words.tooLong(200))
  const { config } = form
  checkNumbers(config, words, put)
  for (const text of TEXTS) if (config[text].length > MAX_TEXT) put(`config.${text}`, words.tooLong(MAX_TEXT))
  if (config.prompt.length > 100_000) put('config.prompt', words.tooLong(100_000))
  if (!/^[a-z]{2,3}(-[A-Z]{2})?$/.test(config.language)) put('config.language', words.language)
  if (config.end_call_phrases.some((p) => p.length < 2)) put('config.end_call_phrases', words.endPhrase)
  checkNames(config.variables, 'config.variables', words, put)
  checkNames(config.extraction, 'config.extraction', words, put)
  config.extraction.forEach((field, i) => {
    if (field.type === 'enum' && field.choices.length === 0)
      put(`config.extraction.${i}.choices`, words.choices)
  })
  if (config.model.provider === 'script') checkScript(config.model, words, put)
  else checkEndpoint(config.model, words, put)
  return faults
}

type Put = (place: string, text: string) => void

function checkNumbers(config: ConfigForm, words: Words, put: Put) {
  for (const [place, [least, most]] of Object.entries(LIMITS)) {
    const value = place
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], config)
    if (value === undefined) continue
    // An emptied number field holds ''.
    if (typeof value !== 'number' || value < least || value > most)
      put(`config.${place}`, words.between(least, most))
  }
}

function checkNames(rows: { name: string }[], place: string, words: Words, put: Put) {
  const seen = new Set<string>()
  rows.forEach(({ name }, i) => {
    const plain = name.trim()
    if (!NAME.test(plain)) put(`${place}.${i}.name`, words.name)
    else if (seen.has(plain)) put(`${place}.${i}.name`, words.twice)
    seen.add(plain)
  })
}

function checkScript(script: ScriptForm, words: Words, put: Put) {
  const place = 'config.model'
  checkNames(script.nodes, `${place}.nodes`, words, put)
  checkNames(script.slots, `${place}.slots`, words, put)
  const nodes = new Set(script.nodes.map(({ name }) => name.trim()))
  const slots = new Set(script.slots.map(({ name }) => name.trim()))
  if (!nodes.has(script.start)) put(`${place}.start`, words.noNode)
  script.nodes.forEach((node, i) => checkNode(node, `${place}.nodes.${i}`, { nodes, slots }, words, put))
}

interface Known {
  nodes: Set<string>
  slots: Set<string>
}

function checkNode(node: NodeForm, place: string, known: Known, words: Words, put: Put) {
  if (node.say.length > MAX_TEXT) put(`${place}.say`, words.tooLong(MAX_TEXT))
  if (typeof node.otherwise_limit !== 'number' || node.otherwise_limit < 1 || node.otherwise_limit > 20)
    put(`${place}.otherwise_limit`, words.between(1, 20))
  if (node.otherwise_goto && !known.nodes.has(node.otherwise_goto))
    put(`${place}.otherwise_goto`, words.noNode)
  node.expect.forEach((branch, b) => checkBranch(branch, `${place}.expect.${b}`, known, words, put))
}

function checkBranch(branch: BranchForm, place: string, known: Known, words: Words, put: Put) {
  if (branch.phrases.length === 0 && !branch.dtmf) put(`${place}.phrases`, words.match)
  if (branch.dtmf && !/^[0-9*#A-D]$/.test(branch.dtmf)) put(`${place}.dtmf`, words.key)
  if (branch.goto && !known.nodes.has(branch.goto)) put(`${place}.goto`, words.noNode)
  const missing = branch.phrases
    .flatMap((phrase) => [...phrase.matchAll(SLOT)].map((match) => match[1]!))
    .find((slot) => !known.slots.has(slot))
  if (missing) put(`${place}.phrases`, words.noSlot(missing))
  checkNames(branch.set, `${place}.set`, words, put)
}

function checkEndpoint(model: EndpointForm, words: Words, put: Put) {
  if (!/^https?:\/\/[^\s/]+/.test(model.base_url.trim())) put('config.model.base_url', words.url)
  if (!model.model.trim()) put('config.model.model', words.required)
  model.tools.forEach((tool, i) => {
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(tool.name)) put(`config.model.tools.${i}.name`, words.name)
    if (!isObject(tool.parameters)) put(`config.model.tools.${i}.parameters`, words.json)
  })
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
