/** What is known of running calls, as a pure function of the messages of the live socket. */
import type { CallEvent, CallItem, CallState, EventBody, LiveMessage, Speaker } from './events'

export type TurnBody = Extract<EventBody, { type: 'turn' }>

/** How long a call that has ended stays in sight, ms. */
export const LINGER_MS = 8_000

export interface LiveCall {
  id: string
  /** Null until a message has brought it. */
  item: CallItem | null
  state: CallState
  seq: number
  turns: TurnBody[]
  partials: Record<Speaker, string>
  endReason: string | null
  /** Up to here the events have not come to us: the REST API has their turns. */
  unseen: number
  /** By our own clock, ms since 1970; null while the call goes on. */
  endedAt: number | null
}

export interface TenantState {
  /** Whether a snapshot has come: before that, no calls does not mean that none run. */
  known: boolean
  calls: Readonly<Record<string, LiveCall>>
  /** Calls that began while we watched, newest first. */
  begun: readonly string[]
}

export const nothingKnown: TenantState = { known: false, calls: {}, begun: [] }

const SILENT: Record<Speaker, string> = { caller: '', agent: '' }
const ORDER: readonly CallState[] = ['queued', 'dialing', 'ringing', 'in_progress', 'ended']
const MAX_BEGUN = 200
/** So many calls the server puts into a snapshot at most. */
const FULL = 500

/** The state never goes back, whatever order messages come in. */
const later = (a: CallState, b: CallState): CallState => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a)

export function onTenantMessage(state: TenantState, message: LiveMessage, now: number): TenantState {
  switch (message.type) {
    case 'snapshot':
      return snapshot(state, message.calls, now)
    case 'event':
    case 'state': {
      const known = state.calls[message.call]
      const before = message.type === 'event' ? message.seq - 1 : message.seq
      const call = onCallMessage(known ?? blank(message.call, message.state, before), message, now)
      if (call === known) return state
      if (!known && call.state === 'ended' && !call.item) return state
      return {
        ...state,
        calls: { ...state.calls, [call.id]: call },
        begun: known ? state.begun : [call.id, ...state.begun].slice(0, MAX_BEGUN),
      }
    }
    default:
      return state
  }
}

/** Forgets calls that ended a while ago. The same state when there is nothing to forget. */
export function sweep(state: TenantState, now: number): TenantState {
  const stay = Object.values(state.calls).filter(
    ({ endedAt }) => endedAt === null || now - endedAt < LINGER_MS,
  )
  if (stay.length === Object.keys(state.calls).length) return state
  return { ...state, calls: Object.fromEntries(stay.map((call) => [call.id, call])) }
}

/** A call that we hear of for the first time, at its event number `seq`. */
function blank(id: string, state: CallState, seq: number): LiveCall {
  const nothing = { item: null, turns: [], partials: SILENT, endReason: null, endedAt: null }
  return { id, state, seq, unseen: seq, ...nothing }
}

/** The calls that run, all of them: what we took for running and is not there has ended unseen. */
function snapshot(state: TenantState, items: CallItem[], now: number): TenantState {
  const calls: Record<string, LiveCall> = {}
  for (const item of items) {
    const known = state.calls[item.id] ?? blank(item.id, item.state, item.last_seq)
    const missed = item.last_seq > known.seq
    calls[item.id] = {
      ...known,
      item,
      state: later(known.state, item.state),
      seq: missed ? item.last_seq : known.seq,
      unseen: missed ? item.last_seq : known.unseen,
    }
  }
  // A list that is full may not have all of them.
  const gone = items.length < FULL ? Object.values(state.calls) : []
  for (const known of gone)
    calls[known.id] ??= {
      ...known,
      state: 'ended',
      partials: SILENT,
      endedAt: known.endedAt ?? now,
    }
  const isNew = (id: string) => state.known && !(id in state.calls)
  const begun = items.map(({ id }) => id).filter(isNew)
  return { known: true, calls, begun: [...begun, ...state.begun].slice(0, MAX_BEGUN) }
}

function onCallMessage(
  call: LiveCall,
  message: Extract<LiveMessage, { type: 'event' | 'state' }>,
  now: number,
): LiveCall {
  const state = later(call.state, message.state)
  const endedAt = state === 'ended' ? (call.endedAt ?? now) : null
  if (message.type === 'state') {
    if (message.seq < call.seq) return call
    return {
      ...call,
      state,
      endedAt,
      seq: message.seq,
      item: message.item ?? call.item,
      endReason: message.end_reason || call.endReason,
      partials: state === 'ended' ? SILENT : call.partials,
    }
  }
  if (message.seq <= call.seq) return call
  const answered = message.event.type === 'answered' && call.item
  const item = answered ? { ...answered, answered_at: message.at } : call.item
  return said({ ...call, item, state, endedAt, seq: message.seq }, message.event)
}

function said(call: LiveCall, event: EventBody): LiveCall {
  if (event.type === 'control' && call.item) return { ...call, item: controlled(call.item, event) }
  if (event.type === 'ended') return { ...call, endReason: event.reason, partials: SILENT }
  if (event.type === 'turn')
    return { ...call, turns: [...call.turns, event], partials: heard(call.partials, event) }
  return { ...call, partials: heard(call.partials, event) }
}

type Control = Extract<EventBody, { type: 'control' }>

/** Who controls the call now. */
function controlled(item: CallItem, { action, by }: Control): CallItem {
  if (action === 'mute' || action === 'unmute') return { ...item, muted: action === 'mute' }
  if (action === 'take_over' || action === 'give_back')
    return { ...item, taken_over_by: action === 'take_over' ? by : '' }
  return item
}

/** The words in the air after an event. */
export function heard(partials: Record<Speaker, string>, event: EventBody): Record<Speaker, string> {
  if (event.type === 'partial') return { ...partials, [event.speaker]: event.text }
  if (event.type === 'turn') return { ...partials, [event.speaker]: '' }
  if (event.type === 'ended') return SILENT
  return partials
}

/** One call's events, whole and in order. */
export interface CallFeedState {
  state: CallState | null
  events: readonly CallEvent[]
  /** Up to here nothing is missing. */
  seq: number
  partials: Record<Speaker, string>
  /** Set when something between `seq` and the newest event has not come: ask for it again. */
  gap: boolean
  refused: string | null
}

export const emptyFeed = (after = 0): CallFeedState => ({
  state: null,
  events: [],
  seq: after,
  partials: SILENT,
  gap: false,
  refused: null,
})

export function onFeedMessage(feed: CallFeedState, message: LiveMessage): CallFeedState {
  switch (message.type) {
    case 'subscribed':
      return message.state ? { ...feed, state: later(feed.state ?? 'queued', message.state) } : feed
    case 'state':
      return { ...feed, state: later(feed.state ?? 'queued', message.state) }
    case 'event':
      return onFeedEvent(feed, message)
    case 'error':
      return { ...feed, refused: message.code }
    default:
      return feed
  }
}

function onFeedEvent(feed: CallFeedState, message: Extract<LiveMessage, { type: 'event' }>): CallFeedState {
  if (message.seq <= feed.seq || feed.events.some(({ seq }) => seq === message.seq)) return feed
  const event: CallEvent = { seq: message.seq, at: message.at, event: message.event }
  const newest = feed.events.at(-1)?.seq ?? feed.seq
  const events = [...feed.events, event]
  if (message.seq < newest) events.sort((a, b) => a.seq - b.seq)
  const seq = whole(feed.seq, events)
  return {
    ...feed,
    state: later(feed.state ?? 'queued', message.state),
    events,
    seq,
    gap: seq < events.at(-1)!.seq,
    // An event that came late says nothing about what is being said now.
    partials: message.seq > newest ? heard(feed.partials, message.event) : feed.partials,
  }
}

/** The number up to which `events` (ordered) go on from `seq` without a gap. */
function whole(seq: number, events: readonly CallEvent[]): number {
  let reached = seq
  for (const event of events) {
    if (event.seq > reached + 1) break
    reached = Math.max(reached, event.seq)
  }
  return reached
}
