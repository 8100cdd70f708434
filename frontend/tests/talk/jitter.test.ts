import { expect, test } from 'vitest'
import { JitterBuffer } from '@/components/talk/jitter'

const pull = (buffer: JitterBuffer, n: number) => {
  const out = new Float32Array(n).fill(9)
  buffer.pull(out)
  return [...out]
}

test('nothing is played before enough waits', () => {
  const buffer = new JitterBuffer(4, 100)
  buffer.push(Float32Array.of(1, 2))
  expect(pull(buffer, 2)).toEqual([0, 0])
  buffer.push(Float32Array.of(3, 4))
  expect(pull(buffer, 3)).toEqual([1, 2, 3])
})

test('after running dry it waits again', () => {
  const buffer = new JitterBuffer(2, 100)
  buffer.push(Float32Array.of(1, 2))
  expect(pull(buffer, 3)).toEqual([1, 2, 0])
  buffer.push(Float32Array.of(3))
  expect(pull(buffer, 1)).toEqual([0])
  buffer.push(Float32Array.of(4))
  expect(pull(buffer, 2)).toEqual([3, 4])
})

test('a burst after a stall is cut to the target: the delay does not stay', () => {
  const buffer = new JitterBuffer(2, 5)
  buffer.push(Float32Array.of(1, 2, 3))
  buffer.push(Float32Array.of(4, 5, 6))
  expect(buffer.length).toBe(2)
  expect(pull(buffer, 2)).toEqual([5, 6])
})

test('flushed: what waited is gone, what comes is played', () => {
  const buffer = new JitterBuffer(2, 100)
  buffer.push(Float32Array.of(1, 2, 3))
  pull(buffer, 1)
  buffer.flush()
  expect(buffer.length).toBe(0)
  buffer.push(Float32Array.of(7, 8))
  expect(pull(buffer, 2)).toEqual([7, 8])
})
