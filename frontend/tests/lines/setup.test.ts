import { expect, test } from 'vitest'
import { faultsUpTo, foundBy, newAccount, startOf, stepOf } from '@/features/lines/trunks/setup/kinds'
import { fromForm } from '@/features/lines/trunks/values'

const account = { username: 'line-abcdefgh', password: 'made up' }

test('a carrier with addresses needs no account', () => {
  expect(startOf('addresses', account)).toMatchObject({
    registration: 'none',
    auth: 'ip',
    inbound_auth: 'ip',
    inbound_password: '',
  })
})

test('a carrier with an account is registered at, with its server as the gateway', () => {
  const form = startOf('account', account)
  expect(form).toMatchObject({ registration: 'outbound', auth: 'digest' })
  const inbound = { ...form, direction: 'inbound' as const }
  inbound.gateways[0]!.host = 'reg.carrier.example'
  expect(fromForm(inbound)).toMatchObject({ registrar: null, gateways: [{ host: 'reg.carrier.example' }] })
})

test('a phone registers here with the account made up for it', () => {
  expect(fromForm(startOf('phone', account))).toMatchObject({
    registration: 'inbound',
    inbound_auth: 'digest',
    inbound_username: account.username,
    inbound_password: account.password,
    gateways: [],
  })
})

test('a PBX may be found either way, and keeps what is common', () => {
  const named = { ...startOf('pbx', account), name: 'Office', max_concurrent_calls: 40 }
  const registers = foundBy(named, 'registers', account)
  expect(registers).toMatchObject({ name: 'Office', registration: 'inbound', gateways: [] })
  const back = foundBy(registers, 'address', account)
  expect(back).toMatchObject({ registration: 'none', inbound_password: '', max_concurrent_calls: 40 })
  expect(back.gateways).toHaveLength(1)
})

test('faults are shown up to the step that is checked, and lead to the first', () => {
  const faults = { 'gateways.0.host': 'private', country: 'needed' }
  expect(faultsUpTo('connection', faults)).toEqual({
    step: 'connection',
    shown: { 'gateways.0.host': 'private' },
  })
  expect(faultsUpTo('calls', faults)).toEqual({ step: 'connection', shown: faults })
  expect(faultsUpTo('calls', { country: 'needed' }).step).toBe('calls')
  expect(faultsUpTo('connection', { country: 'needed' })).toEqual({ step: null, shown: {} })
  expect(stepOf('max_concurrent_calls')).toBe('calls')
  expect(stepOf('allowed_addresses')).toBe('connection')
})

test('accounts are made up at random', () => {
  const made = Array.from({ length: 50 }, newAccount)
  expect(new Set(made.map(({ password }) => password)).size).toBe(50)
  for (const { username, password } of made) {
    expect(username).toMatch(/^line-[a-z]{8}$/)
    expect(password).toMatch(/^[A-Za-z2-9]{24}$/)
  }
})
