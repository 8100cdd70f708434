/** Sound between the browser's sample rate and the 8 kHz of the phone: pure functions and their state. */

/** Samples per second on the wire. */
export const WIRE_RATE = 8000
/** Samples of one frame: 20 ms. */
export const FRAME = 160

/** Zero crossings of the sinc on each side: more is steeper and slower. */
const WINGS = 16
/** Where the filter begins to close, as a part of the lower rate's half. */
const PASS = 0.92

/**
 * Changes the sample rate of a stream: a windowed-sinc low-pass in polyphase form, which closes below half
 * of the lower rate. Any pair of whole rates works; blocks may have any length.
 */
export class Resampler {
  private readonly up: number
  private readonly down: number
  private readonly taps: number
  /** Coefficients, `taps` for each of the `up` phases, oldest sample first. */
  private readonly bank: Float32Array
  private history: Float32Array
  /** Where the next output lies, in steps of 1/up of an input sample, counted from the history's first. */
  private position = 0

  constructor(from: number, to: number) {
    const divisor = gcd(from, to)
    this.up = to / divisor
    this.down = from / divisor
    const cutoff = (PASS * Math.min(from, to)) / from
    this.taps = 2 * Math.ceil(WINGS / cutoff)
    this.bank = bank(this.up, this.taps, cutoff)
    this.history = new Float32Array(this.taps - 1)
  }

  /** As many output samples as `input` gives; the rest waits for the next block. */
  process(input: Float32Array): Float32Array {
    const all = new Float32Array(this.history.length + input.length)
    all.set(this.history)
    all.set(input, this.history.length)
    const end = (all.length - this.taps) * this.up
    const output = new Float32Array(Math.max(0, Math.floor((end - this.position) / this.down) + 1))
    for (let n = 0; n < output.length; n++) {
      const first = Math.floor(this.position / this.up)
      output[n] = this.dot(all, first, (this.position % this.up) * this.taps)
      this.position += this.down
    }
    const used = Math.min(Math.floor(this.position / this.up), all.length)
    this.history = all.slice(used)
    this.position -= used * this.up
    return output
  }

  private dot(samples: Float32Array, first: number, row: number): number {
    let sum = 0
    for (let k = 0; k < this.taps; k++) sum += samples[first + k]! * this.bank[row + k]!
    return sum
  }
}

function bank(up: number, taps: number, cutoff: number): Float32Array {
  const rows = new Float32Array(up * taps)
  const middle = taps / 2
  for (let phase = 0; phase < up; phase++) {
    let sum = 0
    for (let k = 0; k < taps; k++) {
      // Distance from the wanted moment, in input samples.
      const x = k - (middle - 1) - phase / up
      const value = sinc(cutoff * x) * window(x / middle)
      rows[phase * taps + k] = value
      sum += value
    }
    // The same loudness in every phase.
    for (let k = 0; k < taps; k++) rows[phase * taps + k]! /= sum
  }
  return rows
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

/** Blackman, -1 to 1: side lobes below -58 dB. */
const window = (x: number) =>
  Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x)

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}

/** Cuts a stream into frames of 16-bit samples; what does not fill one waits. */
export class Framer {
  private rest = new Float32Array(0)

  push(samples: Float32Array): Int16Array[] {
    const all = new Float32Array(this.rest.length + samples.length)
    all.set(this.rest)
    all.set(samples, this.rest.length)
    const frames: Int16Array[] = []
    let at = 0
    for (; at + FRAME <= all.length; at += FRAME) frames.push(toPcm(all.subarray(at, at + FRAME)))
    this.rest = all.slice(at)
    return frames
  }
}

export function toPcm(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (x) => Math.max(-32768, Math.min(32767, Math.round(x * 32767))))
}

export function fromPcm(samples: Int16Array): Float32Array {
  return Float32Array.from(samples, (x) => x / 32768)
}

/** How loud, 0 to 1: -60 dB is 0, full scale is 1. */
export function loudness(samples: Int16Array): number {
  const power = samples.reduce((sum, x) => sum + x * x, 0) / (samples.length || 1)
  if (power === 0) return 0
  const db = 10 * Math.log10(power / 32768 ** 2)
  return Math.max(0, Math.min(1, 1 + db / 60))
}
