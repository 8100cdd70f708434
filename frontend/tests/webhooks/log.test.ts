import dayjs from 'dayjs'
import { expect, test } from 'vitest'
import { isGood, readable } from '@/features/webhooks/deliveries/body'
import { filtersOf, pageOf } from '@/features/webhooks/deliveries/filters'
import { bodyOf, emptyRange } from '@/features/webhooks/deliveries/range'
import { verifying } from '@/features/webhooks/secret/snippets'
import { moodOf, shortAddress } from '@/features/webhooks/words'

test('filters from the address; what is none is left out', () => {
  expect(filtersOf({ state: 'dead', type: 'call.ended', key: 'call_1', delivery: 'whd_1' })).toEqual({
    state: 'dead',
    type: 'call.ended',
    key: 'call_1',
  })
  expect(filtersOf({ state: 'gone', key: '', type: null })).toEqual({})
})

test('what an event is about has a page, if it is one of those', () => {
  expect(pageOf('call_0193')).toBe('calls/call_0193')
  expect(pageOf('cmp_0193')).toBe('campaigns/cmp_0193')
  expect(pageOf('whe_0193')).toBeNull()
})

test('bodies as one reads them', () => {
  expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}')
  expect(readable('<html>no</html>')).toBe('<html>no</html>')
  expect(readable({ a: 1 })).toBe('{\n  "a": 1\n}')
})

test.each([
  [200, true],
  [204, true],
  [302, false],
  [500, false],
  [null, false],
])('an answer of %s is good: %s', (status, good) => expect(isGood(status)).toBe(good))

test('a range begins as what was given up in the last day, in the reader’s own time', () => {
  const form = emptyRange(dayjs('2026-03-01T12:00:30'))
  expect(form).toEqual({ since: '2026-02-28 12:00:00', until: null, states: ['dead'], types: [] })
  const body = bodyOf(form)
  expect(dayjs(body.since).format('YYYY-MM-DD HH:mm')).toBe('2026-02-28 12:00')
  expect(body.until).toBeNull()
})

test('the part of a receiver that verifies', () => {
  expect(verifying('a\n# [verify]\nimport hmac\n\ncheck()\n# [/verify]\nb\n')).toBe('import hmac\n\ncheck()')
  expect(verifying('all\nof it\n')).toBe('all\nof it')
})

test('how an endpoint does', () => {
  expect(moodOf({ state: 'active', failing_since: null })).toBe('active')
  expect(moodOf({ state: 'active', failing_since: '2026-01-01T00:00:00Z' })).toBe('failing')
  expect(moodOf({ state: 'disabled', failing_since: '2026-01-01T00:00:00Z' })).toBe('disabled')
  expect(shortAddress('https://hooks.example.com/a/')).toBe('hooks.example.com/a')
})
