import { expect, test } from 'vitest'
import type { Trunk } from '@/features/lines/data'
import {
  addressesOf,
  check,
  emptyTrunk,
  fromForm,
  placeOf,
  toForm,
  type TrunkForm,
  wordsOf,
} from '@/features/lines/trunks/values'

const words = {
  required: 'required',
  host: 'host',
  gateway: 'gateway',
  address: 'address',
  addresses: 'addresses',
  twice: 'twice',
  between: (least: number, most: number) => `${least}-${most}`,
}
const stored = { password_set: true, inbound_password_set: true }
const whole: TrunkForm = {
  ...emptyTrunk(),
  name: 'Carrier',
  allowed_addresses: '203.0.113.0/28',
  gateways: [{ ...emptyTrunk().gateways[0]!, host: 'sip.carrier.example' }],
}
const faultsOf = (change: Partial<TrunkForm>) => check({ ...whole, ...change }, undefined, words)

test('a whole trunk has no faults', () => {
  expect(faultsOf({})).toEqual({})
})

test('an empty one says what is missing', () => {
  expect(check(emptyTrunk(), undefined, words)).toEqual({
    name: 'required',
    allowed_addresses: 'addresses',
    'gateways.0.host': 'host',
  })
})

test('a direction needs only its own side, and sends only that', () => {
  expect(faultsOf({ direction: 'outbound', allowed_addresses: '' })).toEqual({})
  const inbound: Partial<TrunkForm> = {
    direction: 'inbound',
    gateways: emptyTrunk().gateways,
    inbound_reserved: 3,
    backup_trunk: 'trk_1',
  }
  expect(faultsOf(inbound)).toEqual({})
  expect(fromForm({ ...whole, ...inbound })).toMatchObject({
    gateways: [],
    inbound_reserved: 0,
    backup_trunk: null,
  })
  expect(fromForm({ ...whole, direction: 'outbound' }).allowed_addresses).toEqual([])
})

test('a password is needed once, and not sent unless typed', () => {
  const digest: Partial<TrunkForm> = { auth: 'digest', username: 'account-7' }
  expect(faultsOf(digest)).toEqual({ password: 'required' })
  expect(check({ ...whole, ...digest }, stored, words)).toEqual({})
  expect(fromForm({ ...whole, ...digest })).not.toHaveProperty('password')
  expect(fromForm({ ...whole, ...digest, password: 'p' })).toMatchObject({ password: 'p' })
})

test('who registers needs an account; addresses are learned then', () => {
  const ours: Partial<TrunkForm> = { registration: 'outbound', allowed_addresses: '' }
  expect(faultsOf(ours)).toEqual({ username: 'required', password: 'required' })
  const theirs: Partial<TrunkForm> = { registration: 'inbound', gateways: [], allowed_addresses: '' }
  expect(faultsOf(theirs)).toEqual({ inbound_username: 'required', inbound_password: 'required' })
})

test.each(['sip:carrier.example', 'carrier example', '-a.example', ''])('%s is no host', (host) => {
  const gateways = [{ ...whole.gateways[0]!, host }]
  expect(faultsOf({ gateways })).toEqual({ 'gateways.0.host': 'host' })
})

test('a port may be left to DNS', () => {
  expect(fromForm(whole).gateways![0]!.port).toBeNull()
  expect(faultsOf({ gateways: [{ ...whole.gateways[0]!, port: 70_000 }] })).toEqual({
    'gateways.0.port': '1-65535',
  })
})

test.each(['203.0.113.7', '203.0.113.0/28', '2001:db8::/48'])('%s is an address', (address) => {
  expect(faultsOf({ allowed_addresses: address })).toEqual({})
})

test('addresses may be separated by anything', () => {
  expect(addressesOf(' 203.0.113.7, 203.0.113.8\n203.0.113.9;')).toEqual([
    '203.0.113.7',
    '203.0.113.8',
    '203.0.113.9',
  ])
})

test('national numbers need a country', () => {
  expect(faultsOf({ number_format: 'national' })).toEqual({ country: 'required' })
  expect(fromForm({ ...whole, number_format: 'national', country: 'gb' }).country).toBe('GB')
})

test('headers are whole and named once; empty rows are left out', () => {
  const headers_out = [
    { name: 'X-Account', value: '7' },
    { name: 'x-account', value: '8' },
    { name: '', value: 'lost' },
    { name: 'X-Empty', value: ' ' },
  ]
  expect(faultsOf({ headers_out })).toEqual({
    'headers_out.1.name': 'twice',
    'headers_out.2.name': 'required',
    'headers_out.3.value': 'required',
  })
  const sent = fromForm({ ...whole, headers_out: [headers_out[0]!, { name: '', value: '' }] })
  expect(sent.headers_out).toEqual({ 'X-Account': '7' })
})

test("the server's fields find their place in the form", () => {
  const headers_in = [{ name: 'X-Department', value: 'Bad Name' }]
  const form = { headers_out: [], headers_in }
  expect(placeOf('allowed_addresses.3', form)).toBe('allowed_addresses')
  expect(placeOf('gateways.1.host', form)).toBe('gateways.1.host')
  expect(placeOf('registrar', form)).toBe('registrar.host')
  expect(placeOf('invite_timeout_ms', form)).toBe('invite_timeout_s')
  expect(placeOf('headers_in.X-Department', form)).toBe('headers_in.0.name')
  expect(placeOf('headers_out.X-Gone', form)).toBe('headers_out')
})

test('a refusal says which address is meant', () => {
  const form = { allowed_addresses: '203.0.113.7\n198.0.0.0/8' }
  expect(wordsOf('allowed_addresses.1', 'Too wide.', form)).toBe('198.0.0.0/8: Too wide.')
  expect(wordsOf('gateways.0.host', 'Private.', form)).toBe('Private.')
})

test('a trunk that is opened and saved is the same', () => {
  const trunk = {
    ...whole,
    registration: 'outbound',
    username: 'u',
    registrar: { host: 'reg.carrier.example', port: null, transport: 'tcp' },
    codecs: ['pcma', 'pcmu'],
    headers_out: { 'X-Account': '{{account}}' },
    headers_in: { 'X-Department': 'department' },
    invite_timeout_ms: 4500,
    gateways: [
      {
        id: '1',
        host: 'sip.carrier.example',
        port: 5080,
        transport: 'tcp',
        priority: 2,
        weight: 3,
        enabled: false,
        health: { state: 'up' },
      },
    ],
    allowed_addresses: ['203.0.113.0/28', '203.0.113.32/32'],
  } as unknown as Trunk
  const sent = fromForm(toForm(trunk))
  expect(sent).toMatchObject({
    registrar: { host: 'reg.carrier.example', port: null, transport: 'tcp' },
    codecs: ['pcma', 'pcmu'],
    headers_out: { 'X-Account': '{{account}}' },
    headers_in: { 'X-Department': 'department' },
    invite_timeout_ms: 4500,
    allowed_addresses: ['203.0.113.0/28', '203.0.113.32/32'],
  })
  expect(sent.gateways).toEqual([
    { host: 'sip.carrier.example', port: 5080, transport: 'tcp', priority: 2, weight: 3, enabled: false },
  ])
  for (const field of ['password', 'inbound_password', 'invite_timeout_s', 'state', 'id'])
    expect(sent).not.toHaveProperty(field)
})
