import { expect, test } from 'vitest'
import { addressesOf, check, emptyTrunk, fromForm, placeOf } from '@/features/lines/trunks/values'

const words = {
  required: 'required',
  host: 'host',
  gateway: 'gateway',
  address: 'address',
  addresses: 'addresses',
  between: (least: number, most: number) => `${least}-${most}`,
}
const whole = {
  ...emptyTrunk(),
  name: 'Carrier',
  allowed_addresses: '203.0.113.0/28',
  gateways: [{ ...emptyTrunk().gateways[0]!, host: 'sip.carrier.example' }],
}

test('a whole trunk has no faults', () => {
  expect(check(whole, false, words)).toEqual({})
})

test('an empty one says what is missing', () => {
  expect(check(emptyTrunk(), false, words)).toEqual({
    name: 'required',
    allowed_addresses: 'addresses',
    'gateways.0.host': 'host',
  })
})

test('a direction needs only its own side', () => {
  expect(check({ ...whole, direction: 'outbound', allowed_addresses: '' }, false, words)).toEqual({})
  expect(check({ ...whole, direction: 'inbound', gateways: [] }, false, words)).toEqual({})
})

test('a password is needed once', () => {
  const digest = { ...whole, auth: 'digest' as const, username: 'account-7' }
  expect(check(digest, false, words)).toEqual({ password: 'required' })
  expect(check(digest, true, words)).toEqual({})
  expect(fromForm(digest)).not.toHaveProperty('password')
})

test.each(['sip:carrier.example', 'carrier example', '-a.example', ''])('%s is no host', (host) => {
  const gateways = [{ ...whole.gateways[0]!, host }]
  expect(check({ ...whole, gateways }, false, words)).toEqual({ 'gateways.0.host': 'host' })
})

test.each(['203.0.113.7', '203.0.113.0/28', '2001:db8::/48'])('%s is an address', (address) => {
  expect(check({ ...whole, allowed_addresses: address }, false, words)).toEqual({})
})

test('addresses may be separated by anything', () => {
  expect(addressesOf(' 203.0.113.7, 203.0.113.8\n203.0.113.9;')).toEqual([
    '203.0.113.7',
    '203.0.113.8',
    '203.0.113.9',
  ])
  expect(placeOf('allowed_addresses.3')).toBe('allowed_addresses')
  expect(placeOf('gateways.1.host')).toBe('gateways.1.host')
})
