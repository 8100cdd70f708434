/** The account of an answer, ready to be drawn, and what a call's answers come to together. */
import type { components } from '@/api/schema'
import type { LatencyPart, Turn, TurnAccount } from '@/components/call/types'

type Schemas = components['schemas']
export type { TurnAccount }
export type ServedBy = Schemas['ServedBy']
export type Usage = Schemas['TurnUsage']

export interface Span {
  part: LatencyPart
  /** ms after the caller's last word. */
  from: number
  to: number
  /** Who did it. */
  by: ServedBy | null
  /** It was begun before the turn was held for over. */
  early: boolean
}

export interface Waterfall {
  spans: Span[]
  /** What the whole width stands for. */
  from: number
  to: number
}

/** Which moments a part lies between, and which vendor's it is. */
const PARTS: [Exclude<LatencyPart, 'retrieval'>, Moment | null, Moment, ServedBy['component'] | null][] = [
  ['endpoint', null, 'decided', null],
  ['transcript', 'transcript_asked', 'transcript', 'stt'],
  ['first_token', 'model_asked', 'first_token', 'llm'],
  ['sentence', 'first_token', 'first_sentence', 'llm'],
  ['first_audio', 'voice_asked', 'first_audio', 'tts'],
  ['own', 'first_audio', 'first_packet', null],
]
type Moment = keyof TurnAccount['moments']

/** Looking things up has no moments of its own: it ends when the model is asked. */
function lookedUp({ moments, retrieval }: TurnAccount): Span[] {
  const to = moments.model_asked
  if (!retrieval || to === null || retrieval.took_ms <= 0) return []
  const from = to - retrieval.took_ms
  return [
    { part: 'retrieval', from, to, by: null, early: moments.decided !== null && from < moments.decided },
  ]
}

export function waterfall(account: TurnAccount): Waterfall {
  const { moments, served_by } = account
  const by = (component: ServedBy['component'] | null) =>
    // A model that speaks itself did what model and voice do.
    served_by.findLast(
      (one) =>
        one.component === component ||
        (component !== 'stt' && one.component === 'realtime' && component !== null),
    ) ?? null
  const spans = PARTS.flatMap(([part, begin, end, component]): Span[] => {
    const from = begin === null ? 0 : (moments[begin] ?? (part === 'first_audio' ? moments.decided : null))
    const to = moments[end]
    if (from === null || to === null || to < from) return []
    const early = begin === 'model_asked' && moments.decided !== null && from < moments.decided
    return [{ part, from, to, by: by(component), early }]
  })
  const model = spans.findIndex(({ part }) => part === 'first_token')
  spans.splice(model < 0 ? spans.length : model, 0, ...lookedUp(account))
  return {
    spans,
    from: Math.min(0, ...spans.map(({ from }) => from)),
    to: Math.max(1, ...spans.map(({ to }) => to)),
  }
}

export interface Totals {
  /** Answers that have an account. */
  answers: number
  drafts: number
  passedOver: number
  usage: Usage
  /** Everybody who served, once each. */
  vendors: ServedBy[]
}

const NO_USAGE: Usage = {
  audio_ms: 0,
  input_tokens: 0,
  cached_tokens: 0,
  output_tokens: 0,
  discarded_tokens: 0,
  characters: 0,
  discarded_characters: 0,
  audio_input_tokens: 0,
  audio_output_tokens: 0,
}

/** Null when no turn has an account. */
export function totalsOf(turns: readonly Turn[]): Totals | null {
  const accounts = turns.flatMap(({ account }) => account ?? [])
  if (accounts.length === 0) return null
  const usage = { ...NO_USAGE }
  for (const account of accounts)
    for (const name of Object.keys(usage) as (keyof Usage)[]) usage[name] += account.usage[name]
  const vendors = new Map<string, ServedBy>()
  for (const one of accounts.flatMap(({ served_by }) => served_by))
    vendors.set(`${one.component} ${one.vendor} ${one.model} ${one.own_key}`, one)
  return {
    answers: accounts.length,
    drafts: accounts.reduce((sum, { drafts }) => sum + drafts, 0),
    passedOver: accounts.reduce((sum, { passed_over }) => sum + passed_over.length, 0),
    usage,
    vendors: [...vendors.values()],
  }
}
