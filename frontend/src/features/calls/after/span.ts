/** A part of the recording that somebody chooses. */

export type Side = 'both' | 'caller' | 'agent'

export interface Picked {
  startMs: number
  endMs: number
  side: Side
}

/** Shorter parts are not silenced: a finger that slipped, not a choice. */
export const SHORTEST_MS = 100

/** Where `x` px of a box `width` px wide lies in the recording, ms. */
export function timeAt(x: number, width: number, durationMs: number): number {
  if (width <= 0) return 0
  return Math.round(Math.min(1, Math.max(0, x / width)) * durationMs)
}

/** From one end to the other, whichever came first. */
export function between(a: number, b: number, side: Side): Picked {
  return { startMs: Math.min(a, b), endMs: Math.max(a, b), side }
}

export type SpanFault = 'empty' | 'outside'

/** Why the part cannot be taken out; null when it can. */
export function faultOf({ startMs, endMs }: Picked, durationMs: number): SpanFault | null {
  if (!Number.isFinite(startMs) || !Number.isFinite(endMs) || endMs - startMs < SHORTEST_MS) return 'empty'
  return startMs < 0 || endMs > durationMs ? 'outside' : null
}
