import { expect, test } from 'vitest'
import { check, fromForm, toForm } from '@/features/webhooks/hooks/values'

const words = {
  url: 'url',
  deadline: 'deadline',
  events: '',
  header: 'header',
  twice: 'twice',
  value: 'value',
}
const whole = { ...toForm(null), url: 'https://hooks.example.com/before' }

test('a new hook waits for a second and goes on without an answer', () => {
  expect(check(whole, words)).toEqual({})
  expect(fromForm(whole)).toEqual({
    url: 'https://hooks.example.com/before',
    deadline_ms: 1000,
    fallback: 'go_on',
    enabled: true,
    headers: {},
  })
})

test.each(['', 99, 5001, 100.5, 'soon'])('a deadline of %j is refused', (deadline_ms) =>
  expect(check({ ...whole, deadline_ms }, words)).toEqual({ deadline_ms: 'deadline' }),
)

test.each([100, '800', 5000])('a deadline of %j fits', (deadline_ms) =>
  expect(check({ ...whole, deadline_ms }, words)).toEqual({}),
)
