/** What is known of a talk, as a pure function of what happens to it. */
import type { EventBody, EventMessage, Speaker } from '@/api/events'
import { heard, type TurnBody } from '@/api/liveState'
import type { Move } from '../flow/types'
import type { FloorMessage } from './floor'
import type { MicrophoneFault } from './sound'

export type Phase =
  /** Nothing has begun. */
  | 'idle'
  /** The browser asks for the microphone. */
  | 'microphone'
  /** The call is being made and connected. */
  | 'connecting'
  | 'talking'
  /** Hung up; the server still says how it ended. */
  | 'ending'
  | 'over'
  | 'failed'

export type Failure = MicrophoneFault | 'no_node' | 'lost' | 'sound' | 'call'

export interface TalkState {
  phase: Phase
  failure: Failure | null
  /** The server's own words, where they say more. */
  detail: string
  call: string | null
  turns: TurnBody[]
  partials: Record<Speaker, string>
  seq: number
  interruptions: number
  /** The way through the agent's flow, if it has one. */
  moves: readonly Move[]
  endReason: string | null
  endWords: string
}

export const silent: TalkState = {
  phase: 'idle',
  failure: null,
  detail: '',
  call: null,
  turns: [],
  partials: { caller: '', agent: '' },
  seq: 0,
  interruptions: 0,
  moves: [],
  endReason: null,
  endWords: '',
}

export type TalkMessage =
  | { type: 'ready' }
  | { type: 'ended'; end_reason: string; end_words: string; end_detail?: string }
  | { type: 'error'; code: string; detail: string }
  | FloorMessage
  | EventMessage

export type Happening =
  | { kind: 'begin' }
  | { kind: 'connect' }
  | { kind: 'call'; id: string }
  | { kind: 'message'; message: TalkMessage }
  | { kind: 'hangUp' }
  | { kind: 'closed' }
  | { kind: 'fail'; failure: Failure; detail?: string }

export function onHappening(state: TalkState, happening: Happening): TalkState {
  switch (happening.kind) {
    case 'begin':
      return { ...silent, phase: 'microphone' }
    case 'connect':
      return { ...state, phase: 'connecting' }
    case 'call':
      return { ...state, call: happening.id }
    case 'message':
      return onMessage(state, happening.message)
    case 'hangUp':
      return state.phase === 'talking' || state.phase === 'connecting' ? { ...state, phase: 'ending' } : state
    case 'closed':
      return onClosed(state)
    case 'fail':
      return isOver(state)
        ? state
        : { ...state, phase: 'failed', failure: happening.failure, detail: happening.detail ?? '' }
  }
}

export const isOver = ({ phase }: TalkState) => phase === 'over' || phase === 'failed'
export const isRunning = ({ phase }: TalkState) =>
  phase === 'microphone' || phase === 'connecting' || phase === 'talking' || phase === 'ending'

const NO_NODE = new Set(['no_media_node', 'full', 'draining'])

function onMessage(state: TalkState, message: TalkMessage): TalkState {
  switch (message.type) {
    case 'ready':
      return state.phase === 'connecting' ? { ...state, phase: 'talking' } : state
    case 'event':
      return message.seq > state.seq ? onEvent({ ...state, seq: message.seq }, message.event) : state
    case 'ended':
      return {
        ...state,
        phase: 'over',
        partials: silent.partials,
        endReason: message.end_reason,
        endWords: message.end_words,
        detail: message.end_detail ?? '',
      }
    case 'floor':
      // Kept elsewhere: it comes ten times a second.
      return state
    case 'error':
      // Complaints about one message do not end the talk.
      if (state.phase !== 'connecting') return state
      return {
        ...state,
        phase: 'failed',
        failure: NO_NODE.has(message.code) ? 'no_node' : 'call',
        detail: message.detail,
      }
  }
}

function onEvent(state: TalkState, event: EventBody): TalkState {
  const partials = heard(state.partials, event)
  if (event.type === 'turn') return { ...state, partials, turns: [...state.turns, event] }
  if (event.type === 'flow') return { ...state, moves: [...state.moves, event] }
  // Another agent, another flow.
  if (event.type === 'handed_over') return { ...state, moves: [] }
  if (event.type === 'barge_in' && !event.resumed)
    return { ...state, partials, interruptions: state.interruptions + 1 }
  return { ...state, partials }
}

function onClosed(state: TalkState): TalkState {
  if (state.phase === 'ending') return { ...state, phase: 'over', partials: silent.partials }
  if (state.phase === 'talking' || state.phase === 'connecting')
    return { ...state, phase: 'failed', failure: 'lost', partials: silent.partials }
  return state
}
