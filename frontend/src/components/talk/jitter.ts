/**
 * The small buffer before the loudspeaker: frames come in bursts, sound must not. It waits until `target`
 * samples are there, plays, and waits again once it has run dry; more than `limit` is cut to the target, so
 * that a stall does not become a delay that stays.
 */
export class JitterBuffer {
  private blocks: Float32Array[] = []
  private offset = 0
  private held = 0
  private playing = false

  constructor(
    private readonly target: number,
    private readonly limit: number,
  ) {}

  /** Samples that wait. */
  get length(): number {
    return this.held
  }

  push(samples: Float32Array): void {
    this.blocks.push(samples)
    this.held += samples.length
    if (this.held > this.limit) this.skip(this.held - this.target)
    if (this.held >= this.target) this.playing = true
  }

  /** Fills `out`; what is missing is silence. */
  pull(out: Float32Array): void {
    out.fill(0)
    if (!this.playing) return
    let filled = 0
    while (filled < out.length && this.blocks.length > 0) {
      const block = this.blocks[0]!
      const n = Math.min(out.length - filled, block.length - this.offset)
      out.set(block.subarray(this.offset, this.offset + n), filled)
      filled += n
      this.skip(n)
    }
    if (filled < out.length) this.playing = false
  }

  /** Forgets what waits: the caller has interrupted. */
  flush(): void {
    this.blocks = []
    this.offset = 0
    this.held = 0
    this.playing = false
  }

  private skip(samples: number): void {
    this.held -= samples
    this.offset += samples
    while (this.blocks.length > 0 && this.offset >= this.blocks[0]!.length)
      this.offset -= this.blocks.shift()!.length
  }
}
