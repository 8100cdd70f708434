import { expect, test } from 'vitest'
import { diff, shown, wordDiff } from '@/features/agents/config/diff'

test('nothing differs when only the order of keys does', () => {
  expect(diff({ a: 1, b: { c: 2, d: [1] } }, { b: { d: [1], c: 2 }, a: 1 })).toEqual([])
})

test('each change has its place, before and after', () => {
  const before = { first_message: 'Hello', turn_taking: { endpointing_ms: 450 }, variables: { company: 'A' } }
  const after = { first_message: 'Hi', turn_taking: { endpointing_ms: 300 }, variables: { hours: '9' } }
  expect(diff(before, after)).toEqual([
    { path: 'first_message', kind: 'changed', before: 'Hello', after: 'Hi' },
    { path: 'turn_taking.endpointing_ms', kind: 'changed', before: 450, after: 300 },
    { path: 'variables.company', kind: 'removed', before: 'A' },
    { path: 'variables.hours', kind: 'added', after: '9' },
  ])
})

test('rows with names are compared by name, so that a new first one is one change', () => {
  const day = { name: 'day', type: 'string' }
  const time = { name: 'time', type: 'string' }
  expect(diff({ extraction: [day] }, { extraction: [time, day] })).toEqual([
    { path: 'extraction.time', kind: 'added', after: time },
  ])
})

test('rows without names are compared by place', () => {
  expect(diff([{ reply: 'a' }, { reply: 'b' }], [{ reply: 'a' }, { reply: 'c' }])).toEqual([
    { path: '2.reply', kind: 'changed', before: 'b', after: 'c' },
  ])
})

test('a list of texts is one value', () => {
  expect(diff({ prompts: ['a', 'b'] }, { prompts: ['a'] })).toEqual([
    { path: 'prompts', kind: 'changed', before: ['a', 'b'], after: ['a'] },
  ])
  expect(shown(['a', 'b'])).toBe('a\nb')
  expect(shown([])).toBe('–')
})

test('changed words are marked, the others are the same', () => {
  expect(wordDiff('We are open today.', 'We are closed today.')).toEqual([
    { text: 'We are ', kind: 'same' },
    { text: 'open', kind: 'removed' },
    { text: 'closed', kind: 'added' },
    { text: ' today.', kind: 'same' },
  ])
})

test('the pieces of each side add up to its text', () => {
  const [before, after] = ['a b c d e', 'x b d d y e z']
  const pieces = wordDiff(before, after)
  const side = (kind: string) =>
    pieces
      .filter((piece) => piece.kind === 'same' || piece.kind === kind)
      .map((piece) => piece.text)
      .join('')
  expect([side('removed'), side('added')]).toEqual([before, after])
})
