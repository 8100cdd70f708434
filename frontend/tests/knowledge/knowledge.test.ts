import { expect, test } from 'vitest'
import { size } from '@/features/knowledge/data'
import { highlight } from '@/features/knowledge/base/highlight'

const marked = (text: string, words: string[]) =>
  highlight(text, words)
    .filter((piece) => piece.marked)
    .map((piece) => piece.text)

test('the words of a question are marked with their endings, whole words only', () => {
  expect(marked('Opening hours: we open at nine. Reopened in May.', ['open', 'hour'])).toEqual([
    'Opening',
    'hours',
    'open',
  ])
})

test('nothing is lost between the marks, and signs are taken as they are', () => {
  const text = 'C++ (beginners) costs €5.'
  expect(marked(text, ['C++', '(beginners'])).toEqual(['C++', '(beginners'])
  expect(
    highlight(text, ['costs'])
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text)
  expect(highlight(text, [])).toEqual([{ text, marked: false }])
})

test('words of other languages are words', () => {
  expect(marked('Die Öffnungszeiten über Ostern', ['öffnungszeit', 'ber'])).toEqual(['Öffnungszeiten'])
})

test('sizes are read by people', () => {
  expect([size(12), size(34_567), size(1_540_000)]).toEqual(['12 B', '35 kB', '1.5 MB'])
})
