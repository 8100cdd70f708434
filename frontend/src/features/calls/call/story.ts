/** What an agent did in a call beside talking, put together from its events. */
import type { CallEvent, EventBody } from '@/api/live'

type Of<T extends EventBody['type']> = Extract<EventBody, { type: T }>
export type ToolEvent = Of<'tool'>
export type TransferEvent = Of<'transfer'>
export type AnsweredByEvent = Of<'answered_by'>

/** What stands between the turns of the transcript. */
const BESIDE = ['tool', 'transfer', 'handed_over', 'answered_by', 'language', 'control'] as const
export type Beside = Of<(typeof BESIDE)[number]>

const isBeside = (event: EventBody): event is Beside => BESIDE.some((type) => type === event.type)

export interface Aside {
  seq: number
  atMs: number
  event: Beside
}

/** Of a transfer only what the caller would notice: that it was begun, and how it ended. */
const NOTICED = new Set<TransferEvent['state']>(['asked', 'joined', 'referred', 'declined', 'left', 'failed'])

/** A flow's own calls (its transfers and hand-overs) have rows that say more. */
const isShown = (event: Beside) =>
  event.type === 'transfer'
    ? NOTICED.has(event.state)
    : event.type !== 'tool' || !event.name.startsWith('flow.') || Boolean(event.trouble)

export function asidesOf(events: readonly CallEvent[]): Aside[] {
  return events.flatMap(({ seq, event }) =>
    isBeside(event) && isShown(event) ? [{ seq, atMs: event.at_ms, event }] : [],
  )
}

export interface Attempt {
  target: string
  mode: string
  steps: TransferEvent[]
  outcome: 'connected' | 'declined' | 'failed' | 'running'
}

const OUTCOMES: Partial<Record<TransferEvent['state'], Attempt['outcome']>> = {
  joined: 'connected',
  left: 'connected',
  referred: 'connected',
  declined: 'declined',
  failed: 'failed',
}

/** Attempts to transfer, in order, each with its steps. */
export function transfersOf(events: readonly CallEvent[]): Attempt[] {
  const attempts: Attempt[] = []
  for (const { event } of events) {
    if (event.type !== 'transfer') continue
    let attempt = attempts.at(-1)
    const over = !attempt || attempt.outcome !== 'running'
    if (
      !attempt ||
      event.state === 'asked' ||
      (over && !OUTCOMES[event.state]) ||
      attempt.target !== event.target
    ) {
      attempt = { target: event.target, mode: event.mode, steps: [], outcome: 'running' }
      attempts.push(attempt)
    }
    attempt.steps.push(event)
    attempt.mode ||= event.mode
    attempt.outcome = OUTCOMES[event.state] ?? attempt.outcome
  }
  return attempts
}

/** The last word on who answered, what was thought before it, and when the beep came, ms. */
export function verdictOf(events: readonly CallEvent[]) {
  const all = events.flatMap(({ event }) => (event.type === 'answered_by' ? [event] : []))
  const last = all.at(-1)
  if (!last) return null
  const before = all.slice(0, -1).filter(({ verdict }) => verdict !== last.verdict)
  return { last, before, beepMs: all.find(({ beep }) => beep)?.at_ms ?? null }
}

/** Arguments as lines: texts as they are, the rest as JSON. */
export const argumentsOf = ({ arguments: given }: Pick<ToolEvent, 'arguments'>): [string, string][] =>
  Object.entries(given).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])

/** JSON in lines, other text as it is. */
export function pretty(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? JSON.stringify(value, null, 2) : text
  } catch {
    return text
  }
}
