import { describe, expect, test } from 'vitest'
import type { EventType } from '@/features/webhooks/data'
import {
  check,
  emptyEndpoint,
  type EndpointForm,
  familiesOf,
  fromForm,
  headerPlaces,
  hears,
  switchFamily,
  switchType,
  toForm,
} from '@/features/webhooks/endpoint/values'

const words = { url: 'url', events: 'events', header: 'header', twice: 'twice', value: 'value' }
const whole: EndpointForm = { ...emptyEndpoint(), url: 'https://hooks.example.com/a' }
const faultsOf = (change: Partial<EndpointForm>) => check({ ...whole, ...change }, words)
const row = (name: string, value: string, stored = false) => ({ name, value, stored })
const type = (name: string): EventType => ({ name, description: '', version: 1, schema: {}, example: {} })
const calls = familiesOf(['call.started', 'call.ended', 'trunk.state_changed'].map(type))

describe('the form of an endpoint', () => {
  test('a whole one has no faults', () => {
    expect(faultsOf({})).toEqual({})
  })

  test.each(['', 'hooks.example.com', 'ftp://hooks.example.com', 'javascript:alert(1)'])(
    'the address %j is none',
    (url) => expect(faultsOf({ url })).toEqual({ url: 'url' }),
  )

  test('who chooses events chooses at least one', () => {
    expect(faultsOf({ all: false })).toEqual({ event_types: 'events' })
    expect(faultsOf({ all: false, event_types: ['call.*'] })).toEqual({})
  })

  test('each header has a name, once, and a value unless one is stored', () => {
    const headers = [
      row('X-Team', 'a'),
      row('x-team', 'b'),
      row('X: y\nZ', 'c'),
      row('X-New', ''),
      row('Authorization', '', true),
      row('', ''),
    ]
    expect(faultsOf({ headers })).toEqual({
      'headers.1.name': 'twice',
      'headers.2.name': 'header',
      'headers.3.value': 'value',
    })
  })

  test('what is sent keeps stored values, and leaves out what was begun and not needed', () => {
    const headers = [row('Authorization', '', true), row(' X-Team ', 'a'), row('', '')]
    expect(fromForm({ ...whole, event_types: ['call.*'], headers })).toEqual({
      url: 'https://hooks.example.com/a',
      description: '',
      event_types: [],
      headers: { Authorization: '', 'X-Team': 'a' },
    })
  })

  test('stored values come back as they are', () => {
    const stored = { url: 'https://a.example', description: 'A', event_types: ['call.*'], headers: { X: '' } }
    expect(fromForm(toForm(stored))).toEqual(stored)
  })

  test('a fault that names a header finds its row', () => {
    expect(headerPlaces([row('A', ''), row('X-B', '')])).toEqual({
      'headers.A': 'headers.0.value',
      'headers.X-B': 'headers.1.value',
    })
  })
})

describe('events that are chosen', () => {
  test('families in the order in which they come', () => {
    expect(calls.map(({ name, types }) => [name, types.length])).toEqual([
      ['call', 2],
      ['trunk', 1],
    ])
  })

  test('a whole family takes the place of its single events', () => {
    expect(switchFamily(['call.ended', 'trunk.state_changed'], 'call', true)).toEqual([
      'trunk.state_changed',
      'call.*',
    ])
    expect(switchFamily(['call.*', 'trunk.state_changed'], 'call', false)).toEqual(['trunk.state_changed'])
  })

  test('one event less than a whole family: the others stay', () => {
    expect(switchType(['call.*'], 'call.started', false, calls[0]!)).toEqual(['call.ended'])
  })

  test('one event more', () => {
    const wanted = switchType(['trunk.state_changed'], 'call.ended', true, calls[0]!)
    expect(wanted).toEqual(['trunk.state_changed', 'call.ended'])
    expect(hears(wanted, 'call.ended')).toBe(true)
    expect(hears(wanted, 'call.started')).toBe(false)
    expect(hears(['call.*'], 'call.started')).toBe(true)
    expect(hears(['call.*'], 'callback.promised')).toBe(false)
  })
})
