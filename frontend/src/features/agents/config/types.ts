/**
 * An agent's configuration: as the API has it (`AgentConfig`, media_workers/contract/agent.py) and as the
 * editor's form holds it. They differ where the API has dictionaries: a form needs rows with a place.
 */
import type { Flow } from '@/components/flow/types'
import type { AnalysisForm, CallAnalysis, ExtractionField, FieldForm } from './analysis'
import type { KeyInput, KnowledgeUse, LanguageForm, OtherLanguage, TransferTarget, Voicemail } from './reach'
import type { Pair } from './rows'
import type { Prefetch, PrefetchForm, SecretForm, Secrets, Tool, ToolForm } from './tools'

export type { Pair } from './rows'

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

export const CHAT_VENDORS = [
  'openai',
  'anthropic',
  'google',
  'mistral',
  'groq',
  'together',
  'cerebras',
  'xai',
  'deepseek',
  'azure',
  'bedrock',
] as const
export type ChatVendor = (typeof CHAT_VENDORS)[number]

export const REALTIME_VENDORS = ['openai_realtime', 'gemini_live'] as const
export type RealtimeVendor = (typeof REALTIME_VENDORS)[number]

/** A vendor's own settings, by their names there. */
type Extra = Record<string, string>

/** What every language model takes. */
interface Sampling {
  model: string
  temperature: number
  max_tokens: number
  first_token_ms: number
  timeout_ms: number
}

export interface Chat extends Sampling {
  provider: ChatVendor
  extra: Extra
}

export interface Endpoint extends Sampling {
  provider: 'openai_compatible'
  base_url: string
  /** Written, never read: null keeps the stored one, empty removes it. */
  api_key: string | null
}

export interface Realtime {
  provider: RealtimeVendor
  model: string
  voice: string
  temperature: number
  timeout_ms: number
  extra: Extra
}

export interface Voice {
  provider: string
  voice: string
  /** The vendor's; empty: its fastest. */
  model: string
  speed: number
  first_audio_ms: number
  extra: Extra
}

export interface Transcriber {
  provider: string
  model: string
  hints: string[]
  extra: Extra
}

export type SpokenModel = Chat | Endpoint

export interface Fallbacks {
  models: SpokenModel[]
  voices: Voice[]
  transcribers: Transcriber[]
}

export const ENDPOINTINGS = ['adaptive', 'fixed', 'vendor', 'semantic'] as const
export const SENSITIVITIES = ['low', 'medium', 'high'] as const
export const AMBIENCES = ['none', 'office', 'cafe', 'street'] as const
export const THINKING = ['none', 'typing', 'tone'] as const

export interface TurnTaking {
  endpointing: (typeof ENDPOINTINGS)[number]
  endpointing_ms: number
  endpointing_min_ms: number
  endpointing_max_ms: number
  eager: boolean
  transcript_after_ms: number
  transcript_timeout_ms: number
  min_speech_ms: number
  sensitivity: (typeof SENSITIVITIES)[number]
  barge_in: boolean
  barge_in_min_speech_ms: number
  ignore_backchannels: boolean
  backchannels: string[]
  /** null: an interruption without words ends what the agent was saying. */
  resume_after_ms: number | null
  protected_phrases: string[]
}

export interface Sounds {
  comfort_noise: boolean
  ambience: (typeof AMBIENCES)[number]
  ambience_db: number
  thinking: (typeof THINKING)[number]
}

export interface Fillers {
  phrases: string[]
  after_ms: number
}

export const REDACTED = ['cards', 'digits', 'keys'] as const
export type Redacted = (typeof REDACTED)[number]

/** What both shapes share. */
interface Common {
  prompt: string
  first_message: string
  language: string
  turn_taking: TurnTaking
  sounds: Sounds
  fillers: Fillers
  max_duration_ms: number
  silence: { prompt_after_ms: number; prompts: string[]; goodbye: string }
  /** null: no warning. */
  max_duration_warning_ms: number | null
  max_duration_warning: string
  end_call_phrases: string[]
  max_duration_message: string
  money_ended_message: string
  fallback_message: string
  record: boolean
  /** What is taken out of recording and transcript. */
  redact: Redacted[]
  /** Instead of one prompt; the canvas knows more of it. */
  flow: Flow | null
  transfers: TransferTarget[]
  knowledge: KnowledgeUse
  keys: KeyInput
  voicemail: Voicemail
}

export interface AgentConfig extends Common {
  extraction: ExtractionField[]
  analysis: CallAnalysis
  model: Script | Chat | Endpoint | Realtime
  tools: Tool[]
  secrets: Secrets
  prefetch: Prefetch[]
  languages: OtherLanguage[]
  voice: Voice
  transcriber: Transcriber
  fallbacks: Fallbacks
  variables: Record<string, string>
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

/** Dictionaries as rows. */
type Rows<T extends { extra: Extra }> = Omit<T, 'extra'> & { extra: Pair[] }

export type ChatForm = Rows<Chat>
export type RealtimeForm = Rows<Realtime>
export type VoiceForm = Rows<Voice>
export type TranscriberForm = Rows<Transcriber>

export interface EndpointForm extends Omit<Endpoint, 'api_key'> {
  /** What was typed; empty keeps what is stored unless `remove_key`. */
  api_key: string
  remove_key: boolean
}

export type SpokenModelForm = ChatForm | EndpointForm
export type ModelForm = ScriptForm | SpokenModelForm | RealtimeForm

export interface FallbacksForm {
  models: SpokenModelForm[]
  voices: VoiceForm[]
  transcribers: TranscriberForm[]
}

export interface ConfigForm extends Common {
  extraction: FieldForm[]
  analysis: AnalysisForm
  model: ModelForm
  tools: ToolForm[]
  secrets: SecretForm[]
  prefetch: PrefetchForm[]
  languages: LanguageForm[]
  voice: VoiceForm
  transcriber: TranscriberForm
  fallbacks: FallbacksForm
  variables: Pair[]
}

export type ModelKind = 'script' | 'chat' | 'endpoint' | 'realtime'

export function kindOf({ provider }: { provider: ModelForm['provider'] }): ModelKind {
  if (provider === 'script') return 'script'
  if (provider === 'openai_compatible') return 'endpoint'
  return isRealtime(provider) ? 'realtime' : 'chat'
}

export const isRealtime = (provider: string): provider is RealtimeVendor =>
  REALTIME_VENDORS.some((vendor) => vendor === provider)

export interface AgentForm {
  name: string
  config: ConfigForm
}
