import { expect, test } from 'vitest'
import type { CallEvent, EventBody } from '@/api/live'
import { inOrder } from '@/components/call/Transcript'
import type { Turn } from '@/components/call/types'
import { argumentsOf, asidesOf, pretty, transfersOf, verdictOf } from '@/features/calls/call/story'

const events = (...bodies: EventBody[]): CallEvent[] =>
  bodies.map((event, i) => ({ seq: i + 1, at: '2026-01-01T00:00:00Z', event }))

const step = (
  state: Extract<EventBody, { type: 'transfer' }>['state'],
  at_ms: number,
  target = 'desk',
): EventBody => ({
  type: 'transfer',
  state,
  target,
  mode: 'warm',
  leg: null,
  detail: '',
  sip_code: null,
  at_ms,
})

const answered = (
  verdict: Extract<EventBody, { type: 'answered_by' }>['verdict'],
  at_ms: number,
  beep = false,
): EventBody => ({ type: 'answered_by', verdict, confidence: 0.8, signals: [], beep, at_ms })

test('steps of a transfer belong together until it is over', () => {
  const story = events(
    step('asked', 1000),
    step('ringing', 2000),
    step('declined', 9000),
    step('asked', 20_000),
    step('joined', 25_000),
    step('asked', 30_000, 'boss'),
    step('dialing', 30_100, 'boss'),
  )
  expect(transfersOf(story).map(({ target, outcome, steps }) => [target, outcome, steps.length])).toEqual([
    ['desk', 'declined', 3],
    ['desk', 'connected', 2],
    ['boss', 'running', 2],
  ])
})

test('of a transfer the transcript shows its begin and its end', () => {
  const story = events(step('asked', 1), step('ringing', 2), step('answered', 3), step('joined', 4))
  expect(asidesOf(story).map(({ seq }) => seq)).toEqual([1, 4])
})

test('a flow’s own transfer has no row as a tool, unless something went wrong with it', () => {
  const call = (name: string, trouble = ''): EventBody => ({
    type: 'tool',
    name,
    arguments: {},
    result: '',
    trouble,
    at_ms: 1,
    took_ms: 1,
  })
  const story = events(call('order_status'), call('flow.transfer'), call('flow.hand_over', 'Not published.'))
  expect(asidesOf(story).map(({ seq }) => seq)).toEqual([1, 3])
})

test('the last verdict counts, what was thought before is kept, and the beep', () => {
  expect(verdictOf(events())).toBeNull()
  const found = verdictOf(
    events(answered('human', 900), answered('machine', 2100), answered('machine', 8000, true)),
  )!
  expect(found.last.verdict).toBe('machine')
  expect(found.before.map(({ verdict }) => verdict)).toEqual(['human'])
  expect(found.beepMs).toBe(8000)
})

test('what happened stands before the turn that began after it', () => {
  const turn = (index: number, start_ms: number): Turn => ({
    index,
    speaker: 'agent',
    text: `${index}`,
    start_ms,
    end_ms: start_ms + 500,
  })
  const aside = (key: string, atMs: number) => ({ key, atMs, row: null })
  const order = inOrder([turn(1, 0), turn(2, 4000)], [aside('late', 9000), aside('tool', 3000)])
  expect(order.map((item) => ('row' in item ? item.key : item.index))).toEqual([1, 'tool', 2, 'late'])
})

test('arguments and results are readable', () => {
  expect(argumentsOf({ arguments: { day: 'friday', people: 4, dishes: ['soup'] } })).toEqual([
    ['day', 'friday'],
    ['people', '4'],
    ['dishes', '["soup"]'],
  ])
  expect(pretty('{"ok":true}')).toBe('{\n  "ok": true\n}')
  expect(pretty('12')).toBe('12')
})
