import { describe, expect, it } from 'vitest'
import type { CallItem, CallState, EventBody, LiveMessage } from '../../src/api/events'
import {
  LINGER_MS,
  emptyFeed,
  nothingKnown,
  onFeedMessage,
  onTenantMessage,
  sweep,
} from '../../src/api/liveState'
import { waitMs } from '../../src/api/socket'

const item = (id: string, state: CallState = 'in_progress', last_seq = 0) =>
  ({ id, state, last_seq, from_number: '+12025550150' }) as CallItem

const turn = (index: number, speaker: 'caller' | 'agent', text: string): EventBody => ({
  type: 'turn',
  index,
  speaker,
  text,
  start_ms: index * 1000,
  end_ms: index * 1000 + 500,
  interrupted: false,
  dtmf: false,
  confidence: null,
  latency: null,
})

const event = (
  call: string,
  seq: number,
  body: EventBody,
  state: CallState = 'in_progress',
): LiveMessage => ({
  type: 'event',
  call,
  seq,
  at: '2030-01-01T00:00:00Z',
  state,
  event: body,
})

const play = (messages: LiveMessage[], now = 0) =>
  messages.reduce((state, message) => onTenantMessage(state, message, now), nothingKnown)

describe('the running calls of a tenant', () => {
  it('shows words as they are said, until the turn is final', () => {
    const before = play([
      { type: 'snapshot', calls: [item('call_a')] },
      event('call_a', 1, { type: 'partial', speaker: 'caller', text: 'good mor', at_ms: 1 }),
    ])
    expect(before.calls['call_a']?.partials.caller).toBe('good mor')
    const after = onTenantMessage(before, event('call_a', 2, turn(0, 'caller', 'Good morning.')), 0)
    expect(after.calls['call_a']?.partials.caller).toBe('')
    expect(after.calls['call_a']?.turns.map(({ text }) => text)).toEqual(['Good morning.'])
  })

  it('takes every event once', () => {
    const once = play([
      { type: 'snapshot', calls: [item('call_a')] },
      event('call_a', 1, turn(0, 'agent', 'Hello.')),
    ])
    expect(onTenantMessage(once, event('call_a', 1, turn(0, 'agent', 'Hello.')), 0)).toBe(once)
  })

  it('never goes back to an earlier state', () => {
    const state = play([
      { type: 'snapshot', calls: [item('call_a', 'in_progress', 4)] },
      { type: 'state', call: 'call_a', seq: 4, state: 'ringing', end_reason: null },
    ])
    expect(state.calls['call_a']?.state).toBe('in_progress')
  })

  it('counts as new what began after the first snapshot, by a message or by a later snapshot', () => {
    const state = play([
      { type: 'snapshot', calls: [item('call_a')] },
      {
        type: 'state',
        call: 'call_b',
        seq: 0,
        state: 'ringing',
        end_reason: null,
        item: item('call_b', 'ringing'),
      },
      { type: 'snapshot', calls: [item('call_a'), item('call_b'), item('call_c')] },
    ])
    expect(state.begun).toEqual(['call_c', 'call_b'])
    expect(state.calls['call_b']?.item?.from_number).toBe('+12025550150')
  })

  it('keeps a call that has ended in sight for a while', () => {
    const ended: EventBody = {
      type: 'ended',
      reason: 'caller_hung_up',
      sip_code: null,
      sip_reason: '',
      detail: '',
      duration_ms: 1,
      slots: {},
    }
    const state = play(
      [{ type: 'snapshot', calls: [item('call_a')] }, event('call_a', 1, ended, 'ended')],
      1_000,
    )
    expect(state.calls['call_a']).toMatchObject({
      state: 'ended',
      endReason: 'caller_hung_up',
      endedAt: 1_000,
    })
    expect(sweep(state, 1_000 + LINGER_MS - 1)).toBe(state)
    expect(sweep(state, 1_000 + LINGER_MS).calls).toEqual({})
  })

  it('learns from a snapshot that a call has ended, and where its turns have to be read again', () => {
    const state = play(
      [
        { type: 'snapshot', calls: [item('call_a', 'in_progress', 2), item('call_b', 'in_progress', 5)] },
        event('call_b', 6, turn(0, 'agent', 'Hello.')),
        { type: 'snapshot', calls: [item('call_b', 'in_progress', 9)] },
      ],
      7,
    )
    expect(state.calls['call_a']).toMatchObject({ state: 'ended', endedAt: 7 })
    expect(state.calls['call_b']).toMatchObject({ seq: 9, unseen: 9 })
    const same = onTenantMessage(state, { type: 'snapshot', calls: [item('call_b', 'in_progress', 9)] }, 8)
    expect(same.calls['call_b']?.unseen).toBe(9)
  })

  it('knows when a call was answered, so that its time can be counted', () => {
    const ringing = play([{ type: 'snapshot', calls: [item('call_a', 'ringing')] }])
    const answered = onTenantMessage(ringing, event('call_a', 1, { type: 'answered', codec: 'PCMU' }), 0)
    expect(answered.calls['call_a']?.item?.answered_at).toBe('2030-01-01T00:00:00Z')
  })

  it('says nothing of the end of a call it never saw', () => {
    const state = play([
      { type: 'snapshot', calls: [] },
      { type: 'state', call: 'call_x', seq: 9, state: 'ended', end_reason: 'busy' },
    ])
    expect(state.calls).toEqual({})
  })
})

describe('the events of one call', () => {
  const feed = (messages: LiveMessage[], after = 0) => messages.reduce(onFeedMessage, emptyFeed(after))
  const said = (seq: number) => event('call_a', seq, turn(seq, 'agent', `turn ${seq}`))

  it('is whole when everything came in order', () => {
    const state = feed([said(3), said(4)], 2)
    expect(state).toMatchObject({ seq: 4, gap: false })
    expect(state.events.map(({ seq }) => seq)).toEqual([3, 4])
  })

  it('sees a gap, and that it was closed', () => {
    const holed = feed([said(1), said(3)])
    expect(holed).toMatchObject({ seq: 1, gap: true })
    const whole = [said(1), said(2), said(3)].reduce(onFeedMessage, holed)
    expect(whole).toMatchObject({ seq: 3, gap: false })
    expect(whole.events.map(({ seq }) => seq)).toEqual([1, 2, 3])
  })

  it('does not bring back words that were spoken before', () => {
    const late = event('call_a', 1, { type: 'partial', speaker: 'agent', text: 'turn', at_ms: 0 })
    expect(feed([said(2), late]).partials.agent).toBe('')
  })

  it('knows that the server has no such call', () => {
    expect(feed([{ type: 'error', code: 'not_found', detail: '', call: 'call_a' }]).refused).toBe('not_found')
  })
})

describe('waiting before coming back', () => {
  it('doubles up to half a minute, and differs from browser to browser', () => {
    expect(waitMs(0, () => 0)).toBe(250)
    expect(waitMs(0, () => 1)).toBe(500)
    expect(waitMs(3, () => 1)).toBe(4_000)
    expect(waitMs(20, () => 1)).toBe(30_000)
    expect(waitMs(20, () => 0)).toBe(15_000)
  })
})
