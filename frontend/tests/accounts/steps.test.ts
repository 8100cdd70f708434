import { expect, test } from 'vitest'
import type { Flow } from '@/api/accounts'
import { agentOf } from '@/features/accounts/account/agents'
import { isSlug, slugOf } from '@/features/accounts/slug'
import { stepOf } from '@/features/accounts/steps'

const open = (...flows: Flow[]) => ({ status: 401, data: { flows }, meta: {} })
const PERSON = { id: 'usr_1', email: 'a@example.com', full_name: 'A', has_usable_password: true }

test('a person in the answer: done', () => {
  expect(stepOf({ status: 200, data: { user: PERSON }, meta: {} })).toEqual({ kind: 'done', user: 'usr_1' })
})

test('nothing pending: the password', () => {
  expect(stepOf(open({ id: 'login' }, { id: 'signup' }))).toEqual({ kind: 'password' })
  // Offered, but not begun.
  expect(stepOf(open({ id: 'verify_email' }))).toEqual({ kind: 'password' })
})

test('a second factor, with what it may be', () => {
  const flows = open(
    { id: 'login' },
    { id: 'mfa_authenticate', is_pending: true, types: ['totp', 'recovery_codes'] },
  )
  expect(stepOf(flows)).toEqual({ kind: 'second', types: ['totp', 'recovery_codes'] })
})

test('a mail to look for, and a sign-up that a provider has begun', () => {
  expect(stepOf(open({ id: 'verify_email', is_pending: true }))).toEqual({ kind: 'mail' })
  const provider = { id: 'github', name: 'GitHub' }
  expect(stepOf(open({ id: 'provider_signup', is_pending: true, provider }))).toEqual({
    kind: 'providerSignup',
    provider: 'GitHub',
  })
})

test.each([
  ['Harbour Dental', 'harbour-dental'],
  ['Zahnärzte  Süd & Co.', 'zahnarzte-sud-co'],
  ['--- ', ''],
  ['x'.repeat(80), 'x'.repeat(63)],
])('the address of %s', (name, slug) => {
  expect(slugOf(name)).toBe(slug)
})

test('which addresses can be', () => {
  expect(['a', 'a1', 'harbour-dental'].every(isSlug)).toBe(true)
  expect(['', '-a', 'a-', 'a--b', 'A', 'a b', 'x'.repeat(64)].some(isSlug)).toBe(false)
})

test('browsers by the names that people use', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36'
  expect(agentOf(chrome)).toEqual({ browser: 'Chrome', system: 'Linux' })
  expect(agentOf(`${chrome.replace('X11; Linux x86_64', 'Windows NT 10.0')} Edg/140.0`)).toEqual({
    browser: 'Edge',
    system: 'Windows',
  })
  expect(agentOf('python-requests/2')).toBeNull()
})
