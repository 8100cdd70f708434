/**
 * What the live sockets send: the events of media_workers/contract/events.py and the messages around them
 * (docs/asyncapi.yaml). `*_ms` offsets inside a call count from the answer.
 */
import type { components } from './schema'

export type CallItem = components['schemas']['Call']
export type CallState = CallItem['state']
export type Speaker = 'caller' | 'agent'

export type TransferState =
  | 'asked'
  | 'dialing'
  | 'ringing'
  | 'answered'
  | 'briefing'
  | 'accepted'
  | 'declined'
  | 'joined'
  | 'referred'
  | 'left'
  | 'failed'

export type ControlAction = 'mute' | 'unmute' | 'whisper' | 'say' | 'take_over' | 'give_back' | 'transfer'

export type EventBody =
  | { type: 'ringing'; sip_code: number }
  | { type: 'answered'; codec: string; recorded_ms?: number }
  | { type: 'forwarded'; to_number: string; leg: number; after_ms: number }
  | {
      type: 'turn'
      index: number
      speaker: Speaker
      text: string
      start_ms: number
      end_ms: number
      interrupted: boolean
      dtmf: boolean
      confidence: number | null
      latency: components['schemas']['Latency'] | null
      account?: components['schemas']['TurnAccount'] | null
    }
  | { type: 'partial'; speaker: Speaker; text: string; at_ms: number }
  | { type: 'barge_in'; at_ms: number; turn_index: number; stop_ms: number; resumed?: boolean }
  | { type: 'dtmf'; digit: string; direction: 'in' | 'out'; masked?: boolean; at_ms: number }
  | {
      type: 'tool'
      name: string
      kind?: string
      arguments: Record<string, unknown>
      result: string
      /** What went wrong with it, in words. */
      trouble?: string
      at_ms: number
      took_ms: number
    }
  | { type: 'flow'; node: string; came_from: string; by: string; at_ms: number }
  | {
      type: 'transfer'
      state: TransferState
      target: string
      mode: string
      leg: number | null
      detail: string
      sip_code: number | null
      at_ms: number
    }
  | { type: 'handed_over'; agent: string; agent_name: string; version: number | null; at_ms: number }
  | {
      type: 'answered_by'
      verdict: 'human' | 'machine' | 'screening' | 'menu' | 'unknown'
      /** 0 to 1. */
      confidence: number
      signals: string[]
      beep: boolean
      at_ms: number
    }
  | { type: 'language'; language: string; before: string; at_ms: number }
  | { type: 'control'; action: ControlAction; text: string; by: string; at_ms: number }
  | { type: 'trouble'; what: string; component: string; detail: string; at_ms: number }
  | {
      type: 'gateway_failed'
      gateway_id: string | null
      gateway: string
      leg: number | null
      sip_code: number
      sip_reason: string
      after_ms: number
    }
  | { type: 'leg'; leg: number; gateway: string; remote_agent: string; codec: string }
  | {
      type: 'sip'
      /** Legs count from 0. What is optional is not in calls of earlier days. */
      leg?: number
      direction: 'in' | 'out'
      local?: string
      peer: string
      transport: string
      first_line: string
      text: string
      retransmission?: boolean
      cut?: boolean
    }
  | ({ type: 'media' } & components['schemas']['Media'])
  | { type: 'recording'; duration_ms: number; size_bytes: number; sha256: string }
  | {
      type: 'ended'
      reason: NonNullable<CallItem['end_reason']>
      sip_code: number | null
      sip_reason: string
      detail: string
      duration_ms: number
      slots: Record<string, string>
    }

/** One event with its place in the call's order, from the socket or from /calls/{id}/events. */
export interface CallEvent {
  seq: number
  at: string
  event: EventBody
}

export interface EventMessage extends CallEvent {
  type: 'event'
  call: string
  state: CallState
}

export interface StateMessage {
  type: 'state'
  call: string
  seq: number
  state: CallState
  end_reason: CallItem['end_reason'] | null
  item?: CallItem
}

export type LiveMessage =
  | { type: 'subscribed'; call: string | null; state?: CallState; seq?: number }
  | { type: 'snapshot'; calls: CallItem[] }
  | EventMessage
  | StateMessage
  | { type: 'error'; code: string; detail: string; call?: string }
