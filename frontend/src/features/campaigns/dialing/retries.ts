/** Retries as a plan. */
import type { Retry } from '../shared/types'

/** What an outcome gets that had no retries. */
export const USUAL: Retry = {
  times: 2,
  after_s: 3_600,
  backoff: 2,
  jitter: 0.1,
  other_time_of_day: false,
  other_number: false,
}

const MINUTE = 60

/** The waits in seconds, each from the attempt before, without the jitter; to the minute from one on. */
export function waitsOf({ times, after_s, backoff }: Retry): number[] {
  if (!times || !after_s || !backoff) return []
  return Array.from({ length: times }, (_, i) => {
    const wait = Math.round(after_s * backoff ** i)
    return wait < MINUTE ? wait : Math.round(wait / MINUTE) * MINUTE
  })
}
