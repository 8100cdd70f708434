import { beforeEach, expect, test, vi } from 'vitest'
import { entrance, recallNext, rememberNext, safeNext } from '@/features/accounts/next'

const OURS = 'https://calls.example.com'

beforeEach(() => {
  localStorage.clear()
  vi.useRealTimers()
})

test.each([
  ['/t/harbour/calls?state=ended#top', '/t/harbour/calls?state=ended#top'],
  ['/admin/', '/admin/'],
  ['/join/abc', '/join/abc'],
])('a path of our own is kept: %s', (wish, path) => {
  expect(safeNext(wish, OURS)).toBe(path)
})

test.each([
  ['https://elsewhere.test/'],
  ['//elsewhere.test/'],
  ['/\\elsewhere.test/'],
  ['/\t/elsewhere.test/'],
  ['javascript:alert(1)'],
  ['t/harbour'],
  [''],
  [undefined],
  [17],
])('anything else leads to the front page: %s', (wish) => {
  expect(safeNext(wish, OURS)).toBe('/')
})

test.each(['/login', '/login?next=/t/x', '/signup', '/password/reset/key', '/verify-email/key'])(
  'a page of the entrance is no place to go on to: %s',
  (wish) => {
    expect(safeNext(wish, OURS)).toBe('/')
  },
)

test('a page whose name only begins like an entrance is kept', () => {
  expect(safeNext('/loginsomething', OURS)).toBe('/loginsomething')
})

test('what is remembered is recalled once', () => {
  rememberNext('/join/abc')
  expect(recallNext()).toBe('/join/abc')
  expect(recallNext()).toBe('/')
})

test('after a day it is forgotten', () => {
  vi.useFakeTimers()
  rememberNext('/join/abc')
  vi.advanceTimersByTime(25 * 3600 * 1000)
  expect(recallNext()).toBe('/')
})

test('the front page is nothing to remember, and nonsense in the store does no harm', () => {
  rememberNext('/')
  expect(localStorage.length).toBe(0)
  localStorage.setItem('trunkline-next', 'nonsense')
  expect(recallNext()).toBe('/')
})

test('links between the pages of the entrance keep where to go', () => {
  expect(entrance('/signup', { next: '/join/a', email: 'a@example.com' })).toEqual({
    to: '/signup',
    search: { next: '/join/a', email: 'a@example.com' },
  })
  expect(entrance('/login', {})).toEqual({ to: '/login', search: {} })
})
