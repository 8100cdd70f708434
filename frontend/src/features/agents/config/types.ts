/**
 * An agent's configuration: as the API has it (`AgentConfig`, media_workers/contract/agent.py) and as the
 * editor's form holds it. They differ where the API has dictionaries: a form needs rows with a place.
 */

export interface Branch {
  phrases: string[]
  dtmf: string | null
  set: Record<string, string>
  reply: string
  goto: string | null
  action: 'none' | 'end_call'
}

export interface Node {
  say: string
  expect: Branch[]
  otherwise: string
  otherwise_limit: number
  otherwise_goto: string | null
}

export interface Script {
  provider: 'script'
  start: string
  nodes: Record<string, Node>
  slots: Record<string, string[]>
}

export interface Tool {
  name: string
  description: string
  parameters: Record<string, unknown>
}

export interface Endpoint {
  provider: 'openai_compatible'
  base_url: string
  model: string
  /** Written, never read: null keeps the stored one, empty removes it. */
  api_key: string | null
  temperature: number
  max_tokens: number
  timeout_ms: number
  tools: Tool[]
}

export type FieldType = 'string' | 'number' | 'boolean' | 'date' | 'enum'

export interface ExtractionField {
  name: string
  type: FieldType
  description: string
  choices: string[]
}

/** What both shapes share. */
interface Common {
  prompt: string
  first_message: string
  language: string
  voice: { provider: string; voice: string; speed: number }
  transcriber: { provider: string; hints: string[] }
  turn_taking: {
    endpointing_ms: number
    transcript_after_ms: number
    transcript_timeout_ms: number
    min_speech_ms: number
    barge_in: boolean
    barge_in_min_speech_ms: number
  }
  max_duration_ms: number
  silence: { prompt_after_ms: number; prompts: string[]; goodbye: string }
  end_call_phrases: string[]
  max_duration_message: string
  fallback_message: string
  extraction: ExtractionField[]
  record: boolean
}

export interface AgentConfig extends Common {
  model: Script | Endpoint
  variables: Record<string, string>
}

export interface Pair {
  name: string
  value: string
}

export interface BranchForm extends Omit<Branch, 'set' | 'dtmf'> {
  dtmf: string
  set: Pair[]
}

export interface NodeForm extends Omit<Node, 'expect'> {
  name: string
  expect: BranchForm[]
}

export interface SlotForm {
  name: string
  values: string[]
}

export interface ScriptForm {
  provider: 'script'
  start: string
  nodes: NodeForm[]
  slots: SlotForm[]
}

export interface ToolForm {
  name: string
  description: string
  /** JSON text, so that nothing half-typed is lost. */
  parameters: string
}

export interface EndpointForm extends Omit<Endpoint, 'tools' | 'api_key'> {
  /** What was typed; empty keeps what is stored unless `remove_key`. */
  api_key: string
  remove_key: boolean
  tools: ToolForm[]
}

export interface ConfigForm extends Common {
  model: ScriptForm | EndpointForm
  variables: Pair[]
}

export interface AgentForm {
  name: string
  config: ConfigForm
}
