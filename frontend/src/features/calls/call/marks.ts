/** What happened in a call at a place in its recording. */
import type { CallEvent, EventBody } from '@/api/live'

type Marked = Extract<EventBody, { type: 'barge_in' | 'dtmf' | 'tool' | 'trouble' }>

export interface Mark {
  seq: number
  atMs: number
  event: Marked
}

/** The event's place, ms from the answer; null for what has none. */
export function placeOf(event: EventBody): number | null {
  switch (event.type) {
    case 'barge_in':
    case 'dtmf':
    case 'tool':
    case 'trouble':
      return event.at_ms
    case 'turn':
      return event.start_ms
    case 'answered':
      return 0
    default:
      return null
  }
}

export function marksOf(events: readonly CallEvent[], durationMs: number): Mark[] {
  const marks = events.flatMap(({ seq, event }) => {
    if (
      event.type !== 'barge_in' &&
      event.type !== 'dtmf' &&
      event.type !== 'tool' &&
      event.type !== 'trouble'
    )
      return []
    return event.at_ms <= durationMs ? [{ seq, atMs: Math.max(0, event.at_ms), event }] : []
  })
  return marks.sort((a, b) => a.atMs - b.atMs)
}

/** Marks nearer than this part of the whole stand one above the other: a finger has to hit each. */
const APART = 0.08

/** The row of each mark, from 0; the marks in order of time. */
export function rowsOf(marks: readonly Mark[], durationMs: number): number[] {
  const ends: number[] = []
  return marks.map(({ atMs }) => {
    const free = ends.findIndex((end) => atMs - end >= APART * durationMs)
    const row = free === -1 ? ends.length : free
    ends[row] = atMs
    return row
  })
}
