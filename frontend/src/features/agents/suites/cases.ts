/** What new cases and their parts begin with. */
import type { Assertion, AssertionKind, Case, Caller, Step } from './types'

const NO_MODEL = { provider: 'openai', model: '' }
const words = { text: '', pattern: null }

const ASSERTIONS: { [K in AssertionKind]: () => Extract<Assertion, { kind: K }> } = {
  said: () => ({ kind: 'said', ...words }),
  never_said: () => ({ kind: 'never_said', ...words }),
  tool_called: () => ({ kind: 'tool_called', tool: '', arguments: {}, times: null }),
  tool_not_called: () => ({ kind: 'tool_not_called', tool: '' }),
  slot: () => ({ kind: 'slot', name: '', is: 'equal', value: '' }),
  outcome: () => ({ kind: 'outcome', value: '' }),
  transferred: () => ({ kind: 'transferred', target: null }),
  ended_by: () => ({ kind: 'ended_by', by: 'agent' }),
  latency_under: () => ({ kind: 'latency_under', ms: 1500 }),
  max_turns: () => ({ kind: 'max_turns', turns: 10 }),
  judged: () => ({ kind: 'judged', question: '', expect: 'yes', model: { ...NO_MODEL } }),
}

export const ASSERTION_KINDS = Object.keys(ASSERTIONS) as AssertionKind[]
export const emptyAssertion = (kind: AssertionKind): Assertion => ASSERTIONS[kind]()

export function emptyStep(deed: Step['do']): Step {
  if (deed === 'say') return { do: 'say', text: '', interrupt: false }
  return deed === 'press' ? { do: 'press', digits: '' } : { do: deed }
}

export const emptyCaller = (kind: Caller['kind']): Caller =>
  kind === 'script'
    ? { kind, steps: [emptyStep('say')] }
    : { kind, persona: '', goal: '', max_turns: 20, model: { ...NO_MODEL } }

export function emptyCase(name: string): Case {
  return {
    name,
    over: 'text',
    caller: emptyCaller('script'),
    variables: {},
    mocks: {},
    transfers: {},
    assertions: [emptyAssertion('said')],
    limit_s: 60,
  }
}

/** A name that no case has: `Case 3`. */
export function freshCaseName(cases: readonly Case[], nth: (number: number) => string): string {
  const names = new Set(cases.map(({ name }) => name))
  let number = cases.length + 1
  while (names.has(nth(number))) number++
  return nth(number)
}

/** How many faults each case has, by the places of the form's faults. */
export function faultsByCase(errors: Record<string, unknown>): Record<number, number> {
  const found: Record<number, number> = {}
  for (const [place, error] of Object.entries(errors)) {
    const at = /^cases\.(\d+)\./.exec(place)?.[1]
    if (error && at !== undefined) found[Number(at)] = (found[Number(at)] ?? 0) + 1
  }
  return found
}

/** The failures of a result by the turn of the transcript at fault; those of no turn under -1. */
export function failuresByTurn<F extends { turn: number | null }>(failures: readonly F[]): Map<number, F[]> {
  const found = new Map<number, F[]>()
  for (const failure of failures) {
    const turn = failure.turn ?? -1
    found.set(turn, [...(found.get(turn) ?? []), failure])
  }
  return found
}
