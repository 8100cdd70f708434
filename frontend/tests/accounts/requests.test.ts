import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { accounts } from '@/api/accounts'
import { onSessionLost } from '@/api/client'
import { connected, onConnection, reached } from '@/api/connection'
import type { Problem } from '@/api/problem'

const answer = (status: number, body: unknown, headers = {}) =>
  vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(JSON.stringify(body), { status, headers }))

beforeEach(reached)
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const thrown = async (promise: Promise<unknown>) =>
  (await promise.catch((error: unknown) => error)) as Problem

test('401 with open flows is an answer', async () => {
  answer(401, { status: 401, data: { flows: [{ id: 'login' }] }, meta: { is_authenticated: false } })
  expect((await accounts('POST', 'auth/login', {})).status).toBe(401)
})

test('404 without faults is an answer too: it carries the secret of a new authenticator app', async () => {
  answer(404, { status: 404, meta: { secret: 'S', totp_url: 'otpauth://x' } })
  expect((await accounts('GET', 'account/authenticators/totp')).meta.secret).toBe('S')
})

test('faults are told at their fields', async () => {
  answer(400, { status: 400, errors: [{ message: 'Too common.', code: 'common', param: 'password' }] })
  const problem = await thrown(accounts('POST', 'auth/signup', {}))
  expect(problem.errors).toEqual([{ field: 'password', code: 'common', detail: 'Too common.' }])
})

test('too many tries say how long to wait', async () => {
  answer(429, { status: 429 }, { 'Retry-After': '300' })
  const problem = await thrown(accounts('POST', 'auth/login', {}))
  expect([problem.status, problem.retryAfterS]).toEqual([429, 300])
})

test('a request for somebody tells when nobody is logged in, a try to log in does not', async () => {
  const lost = vi.fn()
  const stop = onSessionLost(lost)
  answer(401, { status: 401, data: {}, meta: { is_authenticated: false } })
  await accounts('POST', 'auth/login', {})
  expect(lost).not.toHaveBeenCalled()
  answer(401, { status: 401, data: {}, meta: { is_authenticated: false } })
  await accounts('GET', 'account/email')
  expect(lost).toHaveBeenCalledTimes(1)
  stop()
})

test('a wish for a fresh proof is no lost session', async () => {
  const lost = vi.fn()
  const stop = onSessionLost(lost)
  answer(401, { status: 401, data: { flows: [] }, meta: { is_authenticated: true } })
  await accounts('DELETE', 'account/authenticators/totp')
  expect(lost).not.toHaveBeenCalled()
  stop()
})

test('without a connection the page knows, asks again, and goes on by itself', async () => {
  vi.useFakeTimers()
  const told: boolean[] = []
  const stop = onConnection(() => told.push(connected()))
  const fetch = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('Failed to fetch'))
  expect((await thrown(accounts('GET', 'config'))).status).toBe(0)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(told).toEqual([false])
  expect(fetch).toHaveBeenCalledWith('/healthz', expect.anything())
  fetch.mockResolvedValue(new Response('{}'))
  await vi.advanceTimersByTimeAsync(10_000)
  expect(told).toEqual([false, true])
  stop()
})
