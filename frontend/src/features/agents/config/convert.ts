/** Between the API's configuration and the form's, and from the server's field names to the form's. */
import { emptyConfig } from './defaults'
import type {
  AgentConfig,
  BranchForm,
  ConfigForm,
  Endpoint,
  EndpointForm,
  Node,
  NodeForm,
  Pair,
  Script,
  ScriptForm,
  Tool,
} from './types'

const pairs = (values: Record<string, string> = {}): Pair[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

const record = (rows: Pair[]): Record<string, string> =>
  Object.fromEntries(rows.map(({ name, value }) => [name.trim(), value]))

/** The configuration with everything that may be left out filled in. */
export function complete(config: Partial<AgentConfig>): AgentConfig {
  const base = emptyConfig()
  return {
    ...base,
    ...config,
    voice: { ...base.voice, ...config.voice },
    transcriber: { ...base.transcriber, ...config.transcriber },
    turn_taking: { ...base.turn_taking, ...config.turn_taking },
    silence: { ...base.silence, ...config.silence },
  }
}

export function toForm(partial: Partial<AgentConfig>): ConfigForm {
  const config = complete(partial)
  const { model } = config
  return {
    ...config,
    extraction: config.extraction.map((field) => ({
      name: field.name,
      type: field.type ?? 'string',
      description: field.description ?? '',
      choices: field.choices ?? [],
    })),
    model: model.provider === 'script' ? scriptToForm(model) : endpointToForm(model),
    variables: pairs(config.variables),
  }
}

export function fromForm(form: ConfigForm): AgentConfig {
  const { model } = form
  return {
    ...form,
    model: model.provider === 'script' ? scriptFromForm(model) : endpointFromForm(model),
    variables: record(form.variables),
  }
}

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
  return {
    provider: 'openai_compatible',
    base_url: model.base_url,
    model: model.model,
    api_key: '',
    remove_key: false,
    temperature: model.temperature ?? 0.3,
    max_tokens: model.max_tokens ?? 400,
    timeout_ms: model.timeout_ms ?? 10_000,
    tools: (model.tools ?? []).map((tool) => ({
      name: tool.name,
      description: tool.description ?? '',
      parameters: JSON.stringify(tool.parameters ?? { type: 'object', properties: {} }, null, 2),
    })),
  }
}

function endpointFromForm({ api_key, remove_key, tools, ...model }: EndpointForm): Endpoint {
  return {
    ...model,
    base_url: model.base_url.trim(),
    api_key: remove_key ? '' : api_key || null,
    tools: tools.map((tool) => ({ ...tool, parameters: JSON.parse(tool.parameters) as Tool['parameters'] })),
  }
}

/**
 * The form's place of the server's `field`: `config.model.nodes.day.expect.0.goto` lies at
 * `config.model.nodes.2.expect.0.goto` when `day` is the third node.
 */
export function placeOf(field: string, form: ConfigForm): string {
  // A list of texts is one box: the fault of its third line is the box's.
  return inForm(field, form).replace(/\.(phrases|hints|prompts|choices|end_call_phrases)\.\d+$/, '.$1')
}

function inForm(field: string, form: ConfigForm): string {
  const parts = field.split('.')
  if (parts[0] !== 'config') return field
  if (parts[1] === 'variables' && parts[2]) return rowPlace(parts, 2, form.variables, 'value')
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
