import { expect, test } from 'vitest'
import type { EventBody } from '@/api/events'
import { type Happening, onHappening, silent, type TalkMessage } from '@/components/talk/talkState'

const told = (message: TalkMessage): Happening => ({ kind: 'message', message })
const event = (seq: number, body: EventBody): Happening =>
  told({ type: 'event', call: 'call_1', seq, at: '', state: 'in_progress', event: body })
const turn = (index: number, text: string): EventBody => ({
  type: 'turn',
  index,
  speaker: index % 2 ? 'caller' : 'agent',
  text,
  start_ms: index * 1000,
  end_ms: index * 1000 + 500,
  interrupted: false,
  dtmf: false,
  confidence: null,
  latency: null,
})
const run = (...happenings: Happening[]) => happenings.reduce(onHappening, silent)
const talking: Happening[] = [
  { kind: 'begin' },
  { kind: 'connect' },
  { kind: 'call', id: 'call_1' },
  told({ type: 'ready' }),
]

test('from the click to the conversation', () => {
  expect(run(...talking.slice(0, 1)).phase).toBe('microphone')
  expect(run(...talking.slice(0, 2)).phase).toBe('connecting')
  expect(run(...talking)).toMatchObject({ phase: 'talking', call: 'call_1' })
})

test('partial words become the turn', () => {
  const partial: EventBody = { type: 'partial', speaker: 'agent', text: 'Hel', at_ms: 0 }
  expect(run(...talking, event(1, partial)).partials.agent).toBe('Hel')
  const state = run(...talking, event(1, partial), event(2, turn(0, 'Hello.')))
  expect(state.partials.agent).toBe('')
  expect(state.turns.map(({ text }) => text)).toEqual(['Hello.'])
})

test('an event that comes twice counts once', () => {
  expect(run(...talking, event(3, turn(0, 'Hello.')), event(3, turn(0, 'Hello.'))).turns).toHaveLength(1)
})

test('the end says why, and closing after it changes nothing', () => {
  const ended = told({ type: 'ended', end_reason: 'agent_hung_up', end_words: 'The agent ended it.' })
  const state = run(...talking, ended, { kind: 'closed' })
  expect(state).toMatchObject({ phase: 'over', endReason: 'agent_hung_up', failure: null })
})

test('a socket that closes without an end is a lost connection, unless we hung up', () => {
  expect(run(...talking, { kind: 'closed' })).toMatchObject({ phase: 'failed', failure: 'lost' })
  expect(run(...talking, { kind: 'hangUp' }, { kind: 'closed' })).toMatchObject({ phase: 'over' })
})

test('a refusal before the conversation says whether a node was missing', () => {
  const refused = (code: string) => run(...talking.slice(0, 3), told({ type: 'error', code, detail: 'No.' }))
  expect(refused('no_media_node')).toMatchObject({ phase: 'failed', failure: 'no_node', detail: 'No.' })
  expect(refused('already_connected')).toMatchObject({ failure: 'call' })
})

test('a complaint during the conversation does not end it', () => {
  expect(run(...talking, told({ type: 'error', code: 'bad_audio', detail: '' })).phase).toBe('talking')
})

test('what has ended is not failed afterwards', () => {
  const ended = told({ type: 'ended', end_reason: 'silence', end_words: '' })
  expect(run(...talking, ended, { kind: 'fail', failure: 'missing' }).phase).toBe('over')
})
