import { describe, expect, it } from 'vitest'
import type { LiveMessage } from '@/api/events'
import { nothingKnown, onTenantMessage } from '@/api/liveState'
import { type Wish, wishOf } from '@/features/calls/control/TransferDialog'

describe('who controls a running call', () => {
  const item = { id: 'call_1', state: 'in_progress', last_seq: 1, muted: false, taken_over_by: '' }
  const known = onTenantMessage(nothingKnown, { type: 'snapshot', calls: [item] } as never, 0)
  const after = (...actions: [string, string][]) =>
    actions.reduce(
      (state, [action, by], i) =>
        onTenantMessage(
          state,
          {
            type: 'event',
            call: 'call_1',
            state: 'in_progress',
            seq: i + 2,
            at: '2026-01-01T00:00:00Z',
            event: { type: 'control', action, by, text: '', at_ms: 0 },
          } as LiveMessage,
          0,
        ),
      known,
    ).calls.call_1!.item

  it('is told by the events', () => {
    expect(after(['mute', 'a@example.com'])).toMatchObject({ muted: true })
    expect(after(['mute', 'a@example.com'], ['unmute', 'a@example.com'])).toMatchObject({ muted: false })
    expect(after(['take_over', 'a@example.com'])).toMatchObject({ taken_over_by: 'a@example.com' })
    expect(after(['take_over', 'a@example.com'], ['give_back', 'a@example.com'])).toMatchObject({
      taken_over_by: '',
    })
  })

  it('is not changed by what is said', () => {
    expect(after(['say', 'a@example.com'])).toMatchObject({ muted: false, taken_over_by: '' })
  })
})

describe('where a caller is transferred to', () => {
  const wish: Wish = {
    where: 'target',
    target: 'desk',
    number: '+1 (202) 555-0120',
    sip_uri: ' sip:desk@example.com ',
    agent: 'agt_1',
    mode: 'warm',
    message: ' One moment. ',
  }

  it('is a target by its name alone, which says the rest itself', () => {
    expect(wishOf(wish)).toEqual({ target: 'desk' })
  })

  it('is a number without what people write between its digits', () => {
    expect(wishOf({ ...wish, where: 'number' })).toEqual({
      number: '+12025550120',
      mode: 'warm',
      message: 'One moment.',
    })
  })

  it('is an address, or another agent, which has no mode', () => {
    expect(wishOf({ ...wish, where: 'sip_uri', message: '' })).toEqual({
      sip_uri: 'sip:desk@example.com',
      mode: 'warm',
    })
    expect(wishOf({ ...wish, where: 'agent', message: '' })).toEqual({ agent: 'agt_1' })
  })
})
