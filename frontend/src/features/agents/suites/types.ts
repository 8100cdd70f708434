/** A case of a test suite, as the API has it (media_workers/contract/simulation.py). */
import type { components } from '@/api/schema'

export type Suite = Omit<components['schemas']['Suite'], 'cases'> & { cases: readonly Case[] }
export type Run = components['schemas']['Run']
export type WholeRun = components['schemas']['WholeRun']
export type CaseResult = WholeRun['results'][number]

export type Step =
  | { do: 'say'; text: string; interrupt: boolean }
  | { do: 'press'; digits: string }
  | { do: 'silent' }
  | { do: 'hang_up' }
export const DEEDS = ['say', 'press', 'silent', 'hang_up'] as const

/** A language model of a vendor, with its usual settings. */
export interface AskedModel {
  provider: string
  model: string
  [setting: string]: unknown
}

export type Caller =
  | { kind: 'script'; steps: Step[] }
  | { kind: 'model'; persona: string; goal: string; max_turns: number; model: AskedModel }

export const MATCHES = ['equal', 'contains', 'matches', 'set'] as const
export interface Match {
  is: (typeof MATCHES)[number]
  value: string
}

interface Words {
  text: string | null
  pattern: string | null
}

export type Assertion =
  | ({ kind: 'said' } & Words)
  | ({ kind: 'never_said' } & Words)
  | { kind: 'tool_called'; tool: string; arguments: Record<string, Match>; times: number | null }
  | { kind: 'tool_not_called'; tool: string }
  | { kind: 'ended_by'; by: 'agent' | 'caller' | 'nobody' }
  | ({ kind: 'slot'; name: string } & Match)
  | { kind: 'outcome'; value: string }
  | { kind: 'transferred'; target: string | null }
  | { kind: 'latency_under'; ms: number }
  | { kind: 'max_turns'; turns: number }
  | { kind: 'judged'; question: string; expect: 'yes' | 'no'; model: AskedModel }
export type AssertionKind = Assertion['kind']

export const TRANSFER_ENDS = ['taken', 'declined', 'no_answer'] as const

export interface Case {
  name: string
  over: 'text' | 'audio'
  caller: Caller
  variables: Record<string, string>
  mocks: Record<string, string>
  transfers: Record<string, (typeof TRANSFER_ENDS)[number]>
  assertions: Assertion[]
  limit_s: number
}

export interface SuiteForm {
  name: string
  gate: boolean
  cases: Case[]
}
