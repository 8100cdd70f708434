/** What the browser checks before the server does: the same limits as the contract's. */
import { checkAnalysis } from './checkAnalysis'
import { checkDoing } from './checkDoing'
import { INPUTS } from './convert'
import {
  type AgentForm,
  type BranchForm,
  type ConfigForm,
  type ModelForm,
  type NodeForm,
  type Pair,
  type ScriptForm,
  type TranscriberForm,
  type VoiceForm,
} from './types'

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
  protectedPhrase: string
  tool: string
  voice: string
  same: string
  aboveLeast: string
  belowLongest: string
  header: string
  parameters: string
  takeNothing: string
  belowLeast: string
  e164: string
  sipUri: string
  phrase: string
}

const NAME = /^[a-z][a-z0-9_]{0,63}$/
const SLOT = /(?<!\{)\{([a-z][a-z0-9_]{0,63})\}(?!\})/g

/** Least and most of every number, by its place under `config`. */
const LIMITS: Record<string, [number, number]> = {
  'voice.speed': [0.5, 2],
  'voice.first_audio_ms': [100, 30_000],
  'turn_taking.endpointing_ms': [100, 3000],
  'turn_taking.endpointing_min_ms': [100, 3000],
  'turn_taking.endpointing_max_ms': [200, 5000],
  'turn_taking.transcript_after_ms': [60, 3000],
  'turn_taking.transcript_timeout_ms': [100, 10_000],
  'turn_taking.min_speech_ms': [20, 1000],
  'turn_taking.barge_in_min_speech_ms': [40, 2000],
  'turn_taking.resume_after_ms': [200, 5000],
  'sounds.ambience_db': [-60, -20],
  'fillers.after_ms': [300, 20_000],
  'silence.prompt_after_ms': [1000, 120_000],
  max_duration_ms: [10_000, 14_400_000],
  max_duration_warning_ms: [5000, 600_000],
  'keys.length': [1, 40],
  'keys.timeout_ms': [500, 30_000],
  'knowledge.results': [1, 10],
  'knowledge.timeout_ms': [50, 5_000],
  'voicemail.decide_within_ms': [1_500, 20_000],
  'voicemail.beep_within_ms': [2_000, 60_000],
  'transfers.ring_timeout_ms': [5_000, 120_000],
  'prefetch.timeout_ms': [200, 5_000],
  'model.temperature': [0, 2],
  'model.max_tokens': [1, 4096],
  'model.first_token_ms': [200, 30_000],
  'model.timeout_ms': [500, 60_000],
}

/** Those that null switches off. */
const OPTIONAL = new Set(['turn_taking.resume_after_ms', 'max_duration_warning_ms'])

/** The limits at a place under `config`; who takes over, or speaks another language, has those of who is first. */
export function limitsOf(place: string): [number, number] | undefined {
  return LIMITS[
    place
      .replace(/^fallbacks\.(model|voice)s\.\d+\./, '$1.')
      .replace(/^languages\.\d+\.voice\./, 'voice.')
      .replace(/^(transfers|prefetch)\.\d+\./, '$1.')
  ]
}

const MAX_TEXT = 4000
/** Of a vendor's own setting. */
const MAX_SETTING = 200
const TEXTS = [
  'first_message',
  'max_duration_warning',
  'max_duration_message',
  'money_ended_message',
  'fallback_message',
] as const

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
  checkAnalysis(config.extraction, config.analysis, words, put)
  // An agent with a flow needs no script of its own.
  const scripted = config.model.provider === 'script' && config.model.nodes.length === 0
  if (!(scripted && config.flow)) checkModel(config.model, 'config.model', words, put)
  checkVoice(config.voice, 'config.voice', words, put)
  checkExtra(config.transcriber.extra, 'config.transcriber', words, put)
  checkFallbacks(config, words, put)
  checkDoing(config, words, put)
  checkTurns(config, words, put)
  return faults
}

type Put = (place: string, text: string) => void

function checkNumbers(config: ConfigForm, words: Words, put: Put) {
  for (const place of Object.keys(LIMITS)) {
    const value = place
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], config)
    if (value !== null || !OPTIONAL.has(place)) checkNumber(value, place, words, put)
  }
  config.fallbacks.models.forEach((model, i) => checkPart(model, `fallbacks.models.${i}`, words, put))
  config.fallbacks.voices.forEach((voice, i) => checkPart(voice, `fallbacks.voices.${i}`, words, put))
  config.transfers.forEach((target, i) => checkPart(target, `transfers.${i}`, words, put))
  config.prefetch.forEach((one, i) => checkPart(one, `prefetch.${i}`, words, put))
  config.languages.forEach(({ voice }, i) => voice && checkPart(voice, `languages.${i}.voice`, words, put))
}

function checkPart(part: object, at: string, words: Words, put: Put) {
  for (const [key, value] of Object.entries(part))
    if (limitsOf(`${at}.${key}`)) checkNumber(value, `${at}.${key}`, words, put)
}

function checkNumber(value: unknown, place: string, words: Words, put: Put) {
  if (value === undefined) return
  const [least, most] = limitsOf(place)!
  // An emptied number field holds ''.
  if (typeof value !== 'number' || value < least || value > most)
    put(`config.${place}`, words.between(least, most))
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

function checkModel(model: ModelForm, place: string, words: Words, put: Put) {
  if (model.provider === 'script') return checkScript(model, words, put)
  if (!model.model.trim()) put(`${place}.model`, words.required)
  if (model.provider !== 'openai_compatible') checkExtra(model.extra, place, words, put)
  else if (!/^https?:\/\/[^\s/]+/.test(model.base_url.trim())) put(`${place}.base_url`, words.url)
}

function checkVoice(voice: VoiceForm, place: string, words: Words, put: Put) {
  if (!/^[A-Za-z0-9_+ ./:()-]{1,120}$/.test(voice.voice)) put(`${place}.voice`, words.voice)
  checkExtra(voice.extra, place, words, put)
}

/** The vendor's own settings. */
function checkExtra(rows: Pair[], place: string, words: Words, put: Put) {
  checkNames(rows, `${place}.extra`, words, put)
  rows.forEach(({ value }, i) => {
    if (value.length > MAX_SETTING) put(`${place}.extra.${i}.value`, words.tooLong(MAX_SETTING))
  })
}

/** What tells one choice from another: who would fail again the same way helps nobody. */
const identity = (part: ModelForm | VoiceForm | TranscriberForm): string =>
  'nodes' in part
    ? part.provider
    : [
        part.provider,
        part.model.trim(),
        'voice' in part ? part.voice : '',
        'base_url' in part ? part.base_url.trim() : '',
      ].join('|')

function checkFallbacks({ fallbacks, model, voice, transcriber }: ConfigForm, words: Words, put: Put) {
  const place = 'config.fallbacks'
  fallbacks.models.forEach((m, i) => checkModel(m, `${place}.models.${i}`, words, put))
  fallbacks.voices.forEach((v, i) => checkVoice(v, `${place}.voices.${i}`, words, put))
  fallbacks.transcribers.forEach((s, i) => checkExtra(s.extra, `${place}.transcribers.${i}`, words, put))
  const rows = [
    ['models', model, fallbacks.models],
    ['voices', voice, fallbacks.voices],
    ['transcribers', transcriber, fallbacks.transcribers],
  ] as const
  for (const [name, first, others] of rows) {
    const seen = new Set([identity(first)])
    others.forEach((other, i) => {
      if (seen.has(identity(other))) put(`${place}.${name}.${i}.${INPUTS[name]}`, words.same)
      seen.add(identity(other))
    })
  }
}

function checkTurns({ turn_taking: turns, ...config }: ConfigForm, words: Words, put: Put) {
  if (turns.endpointing_min_ms >= turns.endpointing_max_ms)
    put('config.turn_taking.endpointing_max_ms', words.aboveLeast)
  if (turns.protected_phrases.some((phrase) => phrase.length < 2))
    put('config.turn_taking.protected_phrases', words.protectedPhrase)
  const warning = config.max_duration_warning_ms
  if (typeof warning === 'number' && warning >= config.max_duration_ms)
    put('config.max_duration_warning_ms', words.belowLongest)
}
