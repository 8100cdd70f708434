/** Between the API's configuration and the form's, and from the server's field names to the form's. */
import { completeFlow } from '@/components/flow/nodes'
import { analysisFromForm, analysisToForm, fieldFromForm, fieldToForm } from './analysis'
import { emptyConfig, realtime, sampling, transcriber as listening, voice as speaking } from './defaults'
import { emptyTarget, type LanguageForm, type OtherLanguage, targetFromForm } from './reach'
import { type Pair, pairs, record } from './rows'
import {
  prefetchFromForm,
  prefetchToForm,
  secretsFromForm,
  secretsToForm,
  toolFromForm,
  toolToForm,
} from './tools'
import {
  type AgentConfig,
  type BranchForm,
  type ConfigForm,
  type Endpoint,
  type EndpointForm,
  isRealtime,
  type ModelForm,
  type Node,
  type NodeForm,
  type Realtime,
  type RealtimeForm,
  type Script,
  type ScriptForm,
  type SpokenModel,
  type SpokenModelForm,
} from './types'

/** With its dictionary of the vendor's settings as rows, and back. */
const toRows = <T extends { extra: Record<string, string> }>(part: T) => ({
  ...part,
  extra: pairs(part.extra),
})
const fromRows = <T extends { extra: Pair[] }>(part: T) => ({ ...part, extra: record(part.extra) })

/** The configuration with everything that may be left out filled in. */
export function complete(config: Partial<AgentConfig>): AgentConfig {
  const base = emptyConfig()
  const { models = [], voices = [], transcribers = [] } = config.fallbacks ?? {}
  return {
    ...base,
    ...config,
    voice: { ...base.voice, ...config.voice },
    transcriber: { ...base.transcriber, ...config.transcriber },
    fallbacks: {
      models,
      voices: voices.map((voice) => ({ ...speaking, ...voice })),
      transcribers: transcribers.map((transcriber) => ({ ...listening, ...transcriber })),
    },
    turn_taking: { ...base.turn_taking, ...config.turn_taking },
    sounds: { ...base.sounds, ...config.sounds },
    fillers: { ...base.fillers, ...config.fillers },
    silence: { ...base.silence, ...config.silence },
    flow: config.flow ? completeFlow(config.flow) : null,
    transfers: (config.transfers ?? []).map((target) => ({ ...emptyTarget(), ...target })),
    knowledge: { ...base.knowledge, ...config.knowledge },
    keys: { ...base.keys, ...config.keys },
    voicemail: { ...base.voicemail, ...config.voicemail },
  }
}

/** `secretsSet`: names of the secrets that the server keeps. */
export function toForm(partial: Partial<AgentConfig>, secretsSet: readonly string[] = []): ConfigForm {
  const config = complete(partial)
  return {
    ...config,
    extraction: config.extraction.map(fieldToForm),
    analysis: analysisToForm(config.analysis),
    model: modelToForm(config.model),
    tools: config.tools.map(toolToForm),
    secrets: secretsToForm(config.secrets, secretsSet),
    prefetch: config.prefetch.map(prefetchToForm),
    languages: config.languages.map(languageToForm),
    voice: toRows(config.voice),
    transcriber: toRows(config.transcriber),
    fallbacks: {
      models: config.fallbacks.models.map(spokenToForm),
      voices: config.fallbacks.voices.map(toRows),
      transcribers: config.fallbacks.transcribers.map(toRows),
    },
    variables: pairs(config.variables),
  }
}

export function fromForm(form: ConfigForm): AgentConfig {
  return {
    ...form,
    extraction: form.extraction.map(fieldFromForm),
    analysis: analysisFromForm(form.analysis),
    model: modelFromForm(form.model),
    tools: form.tools.map(toolFromForm),
    secrets: secretsFromForm(form.secrets),
    prefetch: form.prefetch.map(prefetchFromForm),
    transfers: form.transfers.map(targetFromForm),
    languages: form.languages.map(languageFromForm),
    voice: fromRows(form.voice),
    transcriber: fromRows(form.transcriber),
    fallbacks: fallbacksFromForm(form),
    variables: record(form.variables),
  }
}

/** A script does not fail, and nobody can go on in the voice of a model that speaks itself. */
function fallbacksFromForm({ model, fallbacks }: ConfigForm): AgentConfig['fallbacks'] {
  if (isRealtime(model.provider)) return { models: [], voices: [], transcribers: [] }
  return {
    models: model.provider === 'script' ? [] : fallbacks.models.map(spokenFromForm),
    voices: fallbacks.voices.map(fromRows),
    transcribers: fallbacks.transcribers.map(fromRows),
  }
}

function modelToForm(model: AgentConfig['model']): ModelForm {
  if (model.provider === 'script') return scriptToForm(model)
  if (!isRealtime(model.provider)) return spokenToForm(model as SpokenModel)
  return toRows({ ...realtime, ...(model as Realtime) })
}

function modelFromForm(model: ModelForm): AgentConfig['model'] {
  if (model.provider === 'script') return scriptFromForm(model)
  return isRealtime(model.provider)
    ? fromRows(model as RealtimeForm)
    : spokenFromForm(model as SpokenModelForm)
}

/** A model that others can take over from. */
export function spokenToForm(model: SpokenModel): SpokenModelForm {
  if (model.provider === 'openai_compatible') return endpointToForm(model)
  return toRows({ ...sampling, ...model, extra: model.extra ?? {} })
}

function spokenFromForm(model: SpokenModelForm): SpokenModel {
  return model.provider === 'openai_compatible' ? endpointFromForm(model) : fromRows(model)
}

const languageToForm = (one: OtherLanguage): LanguageForm => ({
  language: one.language,
  voice: one.voice ? toRows({ ...speaking, ...one.voice }) : null,
  transcriber: one.transcriber ? toRows({ ...listening, ...one.transcriber }) : null,
})

const languageFromForm = ({ language, voice, transcriber }: LanguageForm): OtherLanguage => ({
  language: language.trim(),
  voice: voice && fromRows(voice),
  transcriber: transcriber && fromRows(transcriber),
})

/**
 * The database keeps no order of keys: the nodes come as a caller meets them from `start` on, those that
 * nothing leads to last.
 */
export function inOrder(script: Script): string[] {
  const found: string[] = []
  const queue = [script.start]
  while (queue.length > 0) {
    const name = queue.shift()!
    const node = script.nodes[name]
    if (!node || found.includes(name)) continue
    found.push(name)
    queue.push(...(node.expect ?? []).flatMap((b) => (b.goto ? [b.goto] : [])))
    if (node.otherwise_goto) queue.push(node.otherwise_goto)
  }
  return [...found, ...Object.keys(script.nodes).filter((name) => !found.includes(name))]
}

export function scriptToForm(script: Script): ScriptForm {
  return {
    provider: 'script',
    start: script.start ?? 'start',
    nodes: inOrder(script).map((name) => nodeToForm(name, script.nodes[name]!)),
    slots: Object.entries(script.slots ?? {}).map(([name, values]) => ({ name, values })),
  }
}

function nodeToForm(name: string, node: Partial<Node>): NodeForm {
  return {
    name,
    say: node.say ?? '',
    expect: (node.expect ?? []).map(branchToForm),
    otherwise: node.otherwise ?? 'Sorry, I did not understand that.',
    otherwise_limit: node.otherwise_limit ?? 3,
    otherwise_goto: node.otherwise_goto ?? null,
  }
}

function branchToForm(branch: Partial<Node['expect'][number]>): BranchForm {
  return {
    phrases: branch.phrases ?? [],
    dtmf: branch.dtmf ?? '',
    set: pairs(branch.set),
    reply: branch.reply ?? '',
    goto: branch.goto ?? null,
    action: branch.action ?? 'none',
  }
}

export function scriptFromForm(form: ScriptForm): Script {
  return {
    provider: 'script',
    start: form.start,
    nodes: Object.fromEntries(
      form.nodes.map(({ name, expect, ...node }) => [
        name.trim(),
        { ...node, expect: expect.map((b) => ({ ...b, dtmf: b.dtmf || null, set: record(b.set) })) },
      ]),
    ),
    slots: Object.fromEntries(form.slots.map(({ name, values }) => [name.trim(), values])),
  }
}

function endpointToForm(model: Endpoint): EndpointForm {
  return { ...sampling, ...model, api_key: '', remove_key: false }
}

function endpointFromForm({ api_key, remove_key, ...model }: EndpointForm): Endpoint {
  return { ...model, base_url: model.base_url.trim(), api_key: remove_key ? '' : api_key || null }
}

/** A fallback as a whole, and the input that tells it from others. */
const FALLBACK = /^config\.fallbacks\.(models|voices|transcribers)\.\d+$/
export const INPUTS = { models: 'model', voices: 'voice', transcribers: 'provider' } as const

/** What stands in one box, one a line. */
const LISTS =
  /\.(phrases|hints|prompts|choices|end_call_phrases|backchannels|protected_phrases|only|targets|bases|keywords|equals|outcomes)\.\d+$/

/** Dictionaries that are rows, and the input of a row that a fault belongs to. */
const DICTIONARIES = ['extra', 'headers', 'save', 'take', 'secrets']

/**
 * The form's place of the server's `field`: `config.model.nodes.day.expect.0.goto` lies at
 * `config.model.nodes.2.expect.0.goto` when `day` is the third node.
 */
export function placeOf(field: string, form: ConfigForm): string {
  // A list of texts is one box: the fault of its third line is the box's.
  return inForm(field, form)
    .replace(LISTS, '.$1')
    .replace(FALLBACK, (item, kind: keyof typeof INPUTS) => `${item}.${INPUTS[kind]}`)
}

function inForm(field: string, form: ConfigForm): string {
  const parts = field.split('.')
  if (parts[0] !== 'config') return field
  if (parts[1] === 'variables' && parts[2]) return rowPlace(parts, 2, form.variables, 'value')
  // Whatever is wrong in a tool's schema is shown where the schema is.
  const schema = parts[1] === 'tools' ? parts.indexOf('parameters') : -1
  if (schema > 0) return parts.slice(0, schema + 1).join('.')
  const at = parts.findIndex((part) => DICTIONARIES.includes(part))
  const rows = at > 0 && parts.length > at + 1 ? rowsAt(parts, at, form) : null
  if (rows) return rowPlace(parts, at + 1, rows, 'value')
  if (form.model.provider !== 'script' || parts[1] !== 'model') return field
  if (parts[2] === 'slots' && parts[3]) return rowPlace(parts, 3, form.model.slots, 'values')
  if (parts[2] !== 'nodes' || !parts[3]) return field
  const node = form.model.nodes.findIndex((one) => one.name.trim() === parts[3])
  if (node < 0) return field
  const branch = parts[4] === 'expect' ? form.model.nodes[node]!.expect[Number(parts[5])] : undefined
  const place = [...parts.slice(0, 3), String(node), ...(parts.length > 4 ? parts.slice(4) : ['name'])]
  if (branch && parts.length === 6) return [...place, 'phrases'].join('.')
  if (branch && parts[6] === 'set' && parts[7]) return rowPlace(place, 7, branch.set, 'value')
  return place.join('.')
}

/** The rows that `parts` leads to with its first `at + 1`; null when there are none. */
function rowsAt(parts: string[], at: number, form: ConfigForm): Pair[] | null {
  const found = parts
    .slice(1, at + 1)
    .reduce<unknown>((here, key) => (here as Record<string, unknown> | null | undefined)?.[key], form)
  return Array.isArray(found) ? (found as Pair[]) : null
}

function rowPlace(parts: string[], at: number, rows: { name: string }[], input: string): string {
  const row = rows.findIndex(({ name }) => name.trim() === parts[at])
  return [...parts.slice(0, at), ...(row < 0 ? [] : [String(row), input])].join('.')
}

/** The same text for the same content, whatever the order of keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
