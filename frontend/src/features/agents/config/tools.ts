/** What an agent can do, as the API and the form have it (media_workers/contract/tools.py). */
import { type Pair, pairs, record } from './rows'

interface Named {
  name: string
  /** The model decides by it when to use the tool. */
  description: string
}

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export const SENDS = ['json', 'form', 'query'] as const

interface Web extends Named {
  url: string
  headers: Record<string, string>
  timeout_ms: number
}

export interface HttpTool extends Web {
  type: 'http'
  method: (typeof METHODS)[number]
  /** JSON schema of the arguments. */
  parameters: Record<string, unknown>
  send: (typeof SENDS)[number]
  /** Slot -> dotted path in the answer. */
  save: Record<string, string>
}

export interface McpServer extends Web {
  type: 'mcp'
  /** Empty: all of its tools. */
  only: string[]
}

export interface CollectDigits extends Named {
  type: 'collect_digits'
  prompt: string
  min_digits: number
  max_digits: number
  terminator: string
  timeout_ms: number
  sensitive: boolean
  save_as: string
}

export interface TransferTool extends Named {
  type: 'transfer'
  /** Names of `AgentConfig.transfers`; empty: any. */
  targets: string[]
}

export interface CallbackTool extends Named {
  type: 'schedule_callback'
  longest_days: number
}

export interface SmsTool extends Named {
  type: 'send_sms'
  /** Empty: the model writes it. */
  text: string
}

export interface KnowledgeTool extends Named {
  type: 'search_knowledge'
  /** The slot that the best passage is kept in, for flows. */
  save_as: string | null
}

export interface PlainTool extends Named {
  type: 'send_digits' | 'leave_voicemail' | 'do_not_call'
}

export type BuiltInTool = TransferTool | CallbackTool | SmsTool | KnowledgeTool | PlainTool
export type Tool = HttpTool | McpServer | CollectDigits | BuiltInTool
export type ToolType = Tool['type']

/** Of these an agent has one or none. */
export const BUILT_IN = [
  'transfer',
  'search_knowledge',
  'schedule_callback',
  'send_sms',
  'send_digits',
  'leave_voicemail',
  'do_not_call',
] as const
export type BuiltInType = (typeof BUILT_IN)[number]

/** Of these it has as many as are made. */
export const OWN_TOOLS = ['http', 'mcp', 'collect_digits'] as const
export type OwnType = (typeof OWN_TOOLS)[number]

export const isBuiltIn = (tool: ToolForm): tool is BuiltInTool => BUILT_IN.some((type) => type === tool.type)

export interface Prefetch {
  url: string
  headers: Record<string, string>
  timeout_ms: number
  /** Variable -> dotted path in the answer. */
  take: Record<string, string>
}

/** Written, never read: null keeps the stored one, empty removes it. */
export type Secrets = Record<string, string | null>

export interface HttpForm extends Omit<HttpTool, 'headers' | 'parameters' | 'save'> {
  headers: Pair[]
  /** JSON text, so that nothing half-typed is lost. */
  parameters: string
  save: Pair[]
}

export interface McpForm extends Omit<McpServer, 'headers'> {
  headers: Pair[]
}

export type ToolForm = HttpForm | McpForm | CollectDigits | BuiltInTool

export interface PrefetchForm extends Omit<Prefetch, 'headers' | 'take'> {
  headers: Pair[]
  take: Pair[]
}

export interface SecretForm {
  name: string
  /** What was typed; empty keeps what is stored. */
  value: string
  stored: boolean
  /** Is taken away when the draft is saved. */
  removed: boolean
}

/** Least and most, ms or a number of things. */
export const TOOL_LIMITS = {
  timeout: [500, 30_000],
  keysTimeout: [1_000, 60_000],
  digits: [1, 40],
  days: [1, 90],
  prefetch: [200, 5_000],
} as const satisfies Record<string, readonly [number, number]>

export const MOST_TOOLS = 64
export const MOST_SECRETS = 40
export const MOST_PREFETCHES = 5

export const EMPTY_SCHEMA = '{\n  "type": "object",\n  "properties": {}\n}'

const web = () => ({ name: '', description: '', url: '', headers: [], timeout_ms: 8_000 })

export function emptyTool(type: ToolType): ToolForm {
  switch (type) {
    case 'http':
      return { ...web(), type, method: 'POST', parameters: EMPTY_SCHEMA, send: 'json', save: [] }
    case 'mcp':
      return { ...web(), type, only: [] }
    case 'collect_digits':
      return {
        type,
        name: 'collect_digits',
        description: '',
        prompt: '',
        min_digits: 1,
        max_digits: 20,
        terminator: '#',
        timeout_ms: 8_000,
        sensitive: false,
        save_as: 'digits',
      }
    case 'transfer':
      return { type, name: 'transfer_call', description: '', targets: [] }
    case 'schedule_callback':
      return { type, name: type, description: '', longest_days: 14 }
    case 'send_sms':
      return { type, name: type, description: '', text: '' }
    case 'search_knowledge':
      return { type, name: type, description: '', save_as: null }
    default:
      return { type, name: type, description: '' }
  }
}

export const emptyPrefetch = (): PrefetchForm => ({
  url: '',
  headers: [],
  timeout_ms: 1_500,
  take: [{ name: '', value: '' }],
})

export function toolToForm(tool: Tool): ToolForm {
  if (tool.type === 'http')
    return {
      ...(emptyTool('http') as HttpForm),
      ...tool,
      headers: pairs(tool.headers),
      parameters: tool.parameters ? JSON.stringify(tool.parameters, null, 2) : EMPTY_SCHEMA,
      save: pairs(tool.save),
    }
  if (tool.type === 'mcp') return { ...(emptyTool('mcp') as McpForm), ...tool, headers: pairs(tool.headers) }
  return { ...emptyTool(tool.type), ...tool } as ToolForm
}

export function toolFromForm(tool: ToolForm): Tool {
  if (tool.type === 'http')
    return {
      ...tool,
      name: tool.name.trim(),
      url: tool.url.trim(),
      headers: record(tool.headers),
      parameters: JSON.parse(tool.parameters) as HttpTool['parameters'],
      save: record(tool.save),
    }
  if (tool.type === 'mcp')
    return { ...tool, name: tool.name.trim(), url: tool.url.trim(), headers: record(tool.headers) }
  return { ...tool, name: tool.name.trim() }
}

export const prefetchToForm = (one: Prefetch): PrefetchForm => ({
  ...emptyPrefetch(),
  ...one,
  headers: pairs(one.headers),
  take: pairs(one.take),
})

export const prefetchFromForm = (one: PrefetchForm): Prefetch => ({
  ...one,
  url: one.url.trim(),
  headers: record(one.headers),
  take: record(one.take),
})

/** `stored`: the names of those that the server keeps. */
export const secretsToForm = (secrets: Secrets = {}, stored: readonly string[] = []): SecretForm[] =>
  [...new Set([...Object.keys(secrets), ...stored])]
    .sort()
    .map((name) => ({ name, value: secrets[name] ?? '', stored: stored.includes(name), removed: false }))

/** One that is neither stored nor typed is left out: it says nothing. */
export const secretsFromForm = (rows: readonly SecretForm[]): Secrets =>
  Object.fromEntries(
    rows
      .filter(({ stored, value }) => stored || value)
      .map(({ name, value, removed }) => [name.trim(), removed ? '' : value || null]),
  )
