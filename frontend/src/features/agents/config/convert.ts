/** Between the API's configuration and the form's, and from the server's field names to the form's. */
import { emptyConfig, realtime, sampling, transcriber as listening, voice as speaking } from './defaults'
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
  type Pair,
  type Realtime,
  type RealtimeForm,
  type Script,
  type ScriptForm,
  type SpokenModel,
  type SpokenModelForm,
  type Tool,
  type ToolForm,
} from './types'

const pairs = (values: Record<string, string> = {}): Pair[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

const record = (rows: Pair[]): Record<string, string> =>
  Object.fromEntries(rows.map(({ name, value }) => [name.trim(), value]))

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
  }
}

export function toForm(partial: Partial<AgentConfig>): ConfigForm {
  const config = complete(partial)
  return {
    ...config,
    extraction: config.extraction.map((field) => ({
      name: field.name,
      type: field.type ?? 'string',
      description: field.description ?? '',
      choices: field.choices ?? [],
    })),
    model: modelToForm(config.model),
    tools: config.tools.map(toolToForm),
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
    model: modelFromForm(form.model),
    tools: form.tools.map(toolFromForm),
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

const toolToForm = (tool: Tool): ToolForm => ({
  name: tool.name,
  description: tool.description ?? '',
  parameters: JSON.stringify(tool.parameters ?? { type: 'object', properties: {} }, null, 2),
})

const toolFromForm = (tool: ToolForm): Tool => ({
  ...tool,
  parameters: JSON.parse(tool.parameters) as Tool['parameters'],
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
const LISTS = /\.(phrases|hints|prompts|choices|end_call_phrases|backchannels|protected_phrases)\.\d+$/

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
  const extra = parts.indexOf('extra')
  if (extra > 0 && parts.length > extra + 1)
    return rowPlace(parts, extra + 1, extraAt(parts, extra, form), 'value')
  if (form.model.provider !== 'script' || parts[1] !== 'model') return field
  if (parts[2] === 'slots' && parts[3]) return rowPlace(parts, 3, form.model.slots, 'values')
  if (parts[2] !== 'nodes' || !parts[3]) return field
  const at = form.model.nodes.findIndex((node) => node.name.trim() === parts[3])
  if (at < 0) return field
  const branch = parts[4] === 'expect' ? form.model.nodes[at]!.expect[Number(parts[5])] : undefined
  const place = [...parts.slice(0, 3), String(at), ...(parts.length > 4 ? parts.slice(4) : ['name'])]
  if (branch && parts.length === 6) return [...place, 'phrases'].join('.')
  if (branch && parts[6] === 'set' && parts[7]) return rowPlace(place, 7, branch.set, 'value')
  return place.join('.')
}

/** The rows of the vendor's settings that `parts` leads to. */
function extraAt(parts: string[], extra: number, form: ConfigForm): Pair[] {
  const owner = parts
    .slice(1, extra)
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], form)
  return (owner as { extra?: Pair[] } | undefined)?.extra ?? []
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
