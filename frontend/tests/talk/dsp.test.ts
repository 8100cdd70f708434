import { describe, expect, test } from 'vitest'
import { FRAME, Framer, fromPcm, loudness, Resampler, toPcm } from '@/components/talk/dsp'

const tone = (hz: number, rate: number, seconds: number) =>
  Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate))

const power = (samples: Float32Array) => samples.reduce((sum, x) => sum + x * x, 0) / samples.length

/** In blocks, as the audio thread gives them. */
function resampled(input: Float32Array, from: number, to: number, block = 128): Float32Array {
  const resampler = new Resampler(from, to)
  const parts: number[] = []
  for (let at = 0; at < input.length; at += block)
    parts.push(...resampler.process(input.subarray(at, at + block)))
  return Float32Array.from(parts)
}

/** Without what the filter swings in and out with. */
const middle = (samples: Float32Array) => samples.subarray(samples.length >> 2, (3 * samples.length) >> 2)

const db = (ratio: number) => 10 * Math.log10(ratio)

describe.each([48_000, 44_100, 16_000, 96_000])('from %i Hz to 8000 Hz', (rate) => {
  test('gives as many samples as the time has', () => {
    const given = resampled(tone(440, rate, 1), rate, 8000).length
    expect(Math.abs(given - 8000)).toBeLessThan(10)
  })

  test('keeps the band of speech', () => {
    for (const hz of [300, 1000, 3000])
      expect(Math.abs(db(power(middle(resampled(tone(hz, rate, 1), rate, 8000))) / 0.5))).toBeLessThan(0.5)
  })

  test('takes away what would fold back', () => {
    for (const hz of [4700, 6000, 7500])
      expect(db(power(middle(resampled(tone(hz, rate, 1), rate, 8000))) / 0.5)).toBeLessThan(-45)
  })
})

test.each([48_000, 44_100])('from 8000 Hz to %i Hz a tone stays that tone', (rate) => {
  const given = middle(resampled(tone(1000, 8000, 1), 8000, rate, 160))
  const crossings = given.filter((x, i) => i > 0 && given[i - 1]! < 0 && x >= 0).length
  expect(Math.abs(crossings - (1000 * given.length) / rate)).toBeLessThan(3)
  expect(Math.abs(db(power(given) / 0.5))).toBeLessThan(0.5)
})

test('blocks of any length give the same', () => {
  const input = tone(500, 44_100, 0.2)
  const whole = resampled(input, 44_100, 8000, input.length)
  const pieces = resampled(input, 44_100, 8000, 37)
  expect(pieces.length).toBe(whole.length)
  expect(pieces.every((x, i) => Math.abs(x - whole[i]!) < 1e-5)).toBe(true)
})

test('frames have 160 samples; the rest waits', () => {
  const framer = new Framer()
  expect(framer.push(new Float32Array(FRAME - 1))).toHaveLength(0)
  const frames = framer.push(new Float32Array(FRAME + 1).fill(0.5))
  expect(frames.map((frame) => frame.length)).toEqual([FRAME, FRAME])
  expect(frames[0]![FRAME - 1]).toBe(16_384)
  expect(frames[0]!.buffer.byteLength).toBe(320)
})

test('samples are clipped, not wrapped', () => {
  expect([...toPcm(Float32Array.of(2, -2, 0))]).toEqual([32_767, -32_768, 0])
  expect([...fromPcm(Int16Array.of(-32_768, 16_384))]).toEqual([-1, 0.5])
})

test('loudness is 0 for silence and 1 for full scale', () => {
  expect(loudness(new Int16Array(160))).toBe(0)
  expect(loudness(new Int16Array(160).fill(-32_768))).toBe(1)
  expect(loudness(new Int16Array(160).fill(1000))).toBeCloseTo(0.495, 2)
})
