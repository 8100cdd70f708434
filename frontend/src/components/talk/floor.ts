/**
 * Who has the floor in a test call, ten times a second: what the media node tells
 * (media_workers/conversation/snapshot.py), kept for the picture, and what has happened, for the words.
 */
export interface FloorPoint {
  /** Since the answer. */
  at_ms: number
  /** Probability that the caller speaks, 0 to 1. */
  speech: number
  /** Under full scale; -96 and more. */
  level_db: number
  state: 'quiet' | 'speaking' | 'paused'
  /** Since the caller's last word. */
  silence_ms: number
  /** The silence that ends the turn, as it looks now. */
  endpoint_ms: number
  reason: string
  agent: 'none' | 'making' | 'speaking' | 'resuming'
}

export type FloorMessage = FloorPoint & { type: 'floor' }

export type Deed =
  | 'callerBegan'
  /** The answer is begun before the turn is over. */
  | 'draftBegan'
  | 'draftDropped'
  | 'turnOver'
  | 'agentBegan'
  /** The agent is silent because of a sound that may prove to be nothing. */
  | 'held'
  | 'resumed'
  | 'interrupted'
  | 'agentDone'

export interface Happening {
  at_ms: number
  deed: Deed
  silence_ms: number
  reason: string
}

/** How much is drawn. */
export const WINDOW_MS = 10_000
const KEPT_MS = WINDOW_MS + 2_000
const KEPT_DEEDS = 30

/** What has changed between two points. */
export function deedsBetween(before: FloorPoint, now: FloorPoint): Deed[] {
  const deeds: Deed[] = []
  if (before.state === 'paused' && now.state === 'quiet') deeds.push('turnOver')
  if (before.agent !== now.agent) deeds.push(...deedsOfAgent(before, now))
  if (before.state === 'quiet' && now.state === 'speaking') deeds.push('callerBegan')
  return deeds
}

function deedsOfAgent(before: FloorPoint, now: FloorPoint): Deed[] {
  if (now.agent === 'speaking') return [before.agent === 'resuming' ? 'resumed' : 'agentBegan']
  if (now.agent === 'resuming') return ['held']
  if (before.agent === 'resuming') return ['interrupted']
  if (before.agent === 'speaking') return ['agentDone']
  if (now.agent === 'making') return now.state === 'paused' ? ['draftBegan'] : []
  return ['draftDropped']
}

export interface FloorState {
  /** The newest; null before the first. */
  now: FloorPoint | null
  /** The newest first. */
  happened: readonly Happening[]
}

const NOTHING: FloorState = { now: null, happened: [] }

/** The picture's memory, outside React: it changes ten times a second. */
export class FloorTrack {
  /** The last seconds, the oldest first. */
  readonly points: FloorPoint[] = []
  state: FloorState = NOTHING
  private readonly listeners = new Set<() => void>()

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly current = () => this.state

  push(point: FloorPoint): void {
    const before = this.state.now
    // The socket keeps their order; a node that repeats itself does no harm.
    if (before && point.at_ms <= before.at_ms) return
    this.points.push(point)
    while (this.points[0]!.at_ms < point.at_ms - KEPT_MS) this.points.shift()
    const deeds = before ? deedsBetween(before, point) : []
    const fresh = deeds.map((deed) => happening(deed, before!, point)).reverse()
    this.state = {
      now: point,
      happened:
        fresh.length > 0 ? [...fresh, ...this.state.happened].slice(0, KEPT_DEEDS) : this.state.happened,
    }
    this.tell()
  }

  clear(): void {
    this.points.length = 0
    this.state = NOTHING
    this.tell()
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener())
  }
}

/** The reason of a turn's end is the one that held until then. */
function happening(deed: Deed, before: FloorPoint, now: FloorPoint): Happening {
  const { silence_ms, reason } = deed === 'turnOver' ? before : now
  return { at_ms: now.at_ms, deed, silence_ms, reason }
}

/** 0 to 1: -60 dB and less is 0, full scale 1. */
export const height = (level_db: number) => Math.max(0, Math.min(1, 1 + level_db / 60))

/** Where the picture begins: it scrolls, or, for who wants no motion, is filled page by page. */
export function beginning(now_ms: number, ahead_ms: number, still: boolean): number {
  const shown = WINDOW_MS - ahead_ms
  return still ? Math.floor(Math.max(0, now_ms) / shown) * shown : now_ms - shown
}
