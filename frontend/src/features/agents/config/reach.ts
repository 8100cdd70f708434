/**
 * Whom an agent reaches and knows: transfers, documents, keys, answering machines, languages, as the API has
 * them (media_workers/contract/transfers.py, tools.py, agent.py).
 */
import type { Transcriber, TranscriberForm, Voice, VoiceForm } from './types'

export const MODES = ['bridge', 'warm', 'blind', 'conference'] as const
export type TransferMode = (typeof MODES)[number]
export const WAITS = ['ringback', 'music', 'silence'] as const

export interface TransferTarget {
  name: string
  /** Tells the model when. */
  description: string
  /** Exactly one of these three. */
  number: string | null
  sip_uri: string | null
  agent: string | null
  mode: TransferMode
  message: string
  wait: (typeof WAITS)[number]
  ring_timeout_ms: number
  caller_id: 'number' | 'caller'
  briefing: string
  question: string
  on_failure: string
}

export interface KnowledgeUse {
  bases: string[]
  mode: 'auto' | 'tool'
  results: number
  timeout_ms: number
}

export interface KeyInput {
  length: number
  terminator: string
  timeout_ms: number
  sensitive: boolean
}

export interface Voicemail {
  detect: boolean
  action: (typeof MACHINE_ACTIONS)[number]
  message: string
  decide_within_ms: number
  beep_within_ms: number
  screening_reply: string
  navigate: boolean
  goal: string
}
export const MACHINE_ACTIONS = ['hang_up', 'leave_message', 'continue'] as const

export interface OtherLanguage {
  language: string
  /** null: the agent's own. */
  voice: Voice | null
  transcriber: Transcriber | null
}

export interface LanguageForm extends Omit<OtherLanguage, 'voice' | 'transcriber'> {
  voice: VoiceForm | null
  transcriber: TranscriberForm | null
}

export const KINDS_OF_TARGET = ['number', 'sip_uri', 'agent'] as const
export type KindOfTarget = (typeof KINDS_OF_TARGET)[number]

/** Whom it leads to; what is not given is null. */
export const kindOfTarget = ({ sip_uri, agent }: TransferTarget): KindOfTarget =>
  agent !== null ? 'agent' : sip_uri !== null ? 'sip_uri' : 'number'

export const emptyTarget = (): TransferTarget => ({
  name: '',
  description: '',
  number: '',
  sip_uri: null,
  agent: null,
  mode: 'bridge',
  message: 'One moment please, I will connect you.',
  wait: 'ringback',
  ring_timeout_ms: 25_000,
  caller_id: 'number',
  briefing: '',
  question: 'Do you want to take the call?',
  on_failure: 'I am sorry, nobody is free at the moment.',
})

export const knowledgeUse: KnowledgeUse = { bases: [], mode: 'auto', results: 4, timeout_ms: 400 }

export const keyInput: KeyInput = { length: 1, terminator: '', timeout_ms: 2_500, sensitive: false }

export const voicemail: Voicemail = {
  detect: true,
  action: 'hang_up',
  message: '',
  decide_within_ms: 6_000,
  beep_within_ms: 30_000,
  screening_reply: '',
  navigate: false,
  goal: '',
}

export const MOST_TARGETS = 20
export const MOST_LANGUAGES = 10
export const MOST_BASES = 10

/** People write numbers with blanks, dashes and brackets. */
export const plainNumber = (typed: string): string => typed.replace(/[\s()./-]/g, '')

export function targetFromForm(target: TransferTarget): TransferTarget {
  const { number, sip_uri } = target
  return {
    ...target,
    name: target.name.trim(),
    number: number === null ? null : plainNumber(number),
    sip_uri: sip_uri === null ? null : sip_uri.trim(),
  }
}
