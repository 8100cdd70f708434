/** RTP figures in words. Limits after ITU-T G.107 and G.114 for telephone speech. */
import type { components } from '@/api/schema'

export type Media = components['schemas']['Media']
export type Grade = 'good' | 'fair' | 'poor' | 'unknown'

type Measure = 'loss' | 'jitter' | 'rtt'

/** Up to the first: good; up to the second: fair. Loss in percent, the others in ms. */
const LIMITS: Record<Measure, [number, number]> = { loss: [1, 3], jitter: [30, 60], rtt: [300, 600] }
const ORDER: readonly Grade[] = ['unknown', 'good', 'fair', 'poor']

export function grade(measure: Measure, value: number | null): Grade {
  if (value === null) return 'unknown'
  const [good, fair] = LIMITS[measure]
  if (value <= good) return 'good'
  return value <= fair ? 'fair' : 'poor'
}

export interface QualityRow {
  measure: Measure
  /** What we heard from the other side, and what it heard from us; null: not measured. */
  received: number | null
  sent: number | null
}

export function rows(media: Media): QualityRow[] {
  return [
    { measure: 'loss', received: percentLost(media.rx_packets, media.rx_lost), sent: sentLoss(media) },
    { measure: 'jitter', received: media.rx_packets ? media.rx_jitter_ms : null, sent: media.tx_jitter_ms },
    { measure: 'rtt', received: media.rtt_ms, sent: null },
  ]
}

/** The whole is as good as its worst part that was measured. */
export function overall(media: Media): Grade {
  const grades = rows(media).flatMap(({ measure, received, sent }) => [
    grade(measure, received),
    grade(measure, sent),
  ])
  return grades.reduce((worst, one) => (ORDER.indexOf(one) > ORDER.indexOf(worst) ? one : worst), 'unknown')
}

function sentLoss({ tx_packets, tx_lost }: Media): number | null {
  return tx_lost === null || tx_packets === 0 ? null : Math.min(100, (100 * tx_lost) / tx_packets)
}

function percentLost(packets: number, lost: number): number | null {
  const expected = packets + lost
  return expected === 0 ? null : (100 * lost) / expected
}
