/** The figures of a call's legs, ready to be shown. Limits after ITU-T G.107 and G.114 for telephone speech. */
import type { components } from '@/api/schema'

export type Quality = components['schemas']['Quality']
export type Leg = components['schemas']['Leg']
export type Grade = 'good' | 'fair' | 'poor' | 'unknown'
export type Rating = Exclude<Quality['rating'], ''>

export type Measure = 'mos' | 'loss' | 'jitter' | 'jitterMax' | 'discarded' | 'empty' | 'packets' | 'rtt'

/** Up to the first: good; up to the second: fair. Loss in percent, the others in ms. */
const LIMITS: Partial<Record<Measure, [number, number]>> = {
  loss: [1, 3],
  jitter: [30, 60],
  rtt: [300, 600],
}

export function grade(measure: Measure, value: number | null): Grade {
  if (value === null) return 'unknown'
  const limits = LIMITS[measure]
  if (!limits || value <= limits[0]) return 'good'
  return value <= limits[1] ? 'fair' : 'poor'
}

export const RATING_GRADE: Record<Rating, Grade> = {
  excellent: 'good',
  good: 'good',
  fair: 'fair',
  poor: 'poor',
  bad: 'poor',
}

export interface QualityRow {
  measure: Measure
  /** What we heard from the other side, and what it heard from us; null: not known. */
  received: number | null
  sent: number | null
  /** One figure for both directions. */
  both?: boolean
}

/** The measures of a leg that somebody has taken, in their order. */
export function rows(leg: Leg): QualityRow[] {
  const { received, sent } = leg
  if (!received || !sent) return []
  const all: QualityRow[] = [
    { measure: 'mos', received: received.mos, sent: sent.mos },
    { measure: 'loss', received: received.lost_percent, sent: sent.lost_percent },
    { measure: 'jitter', received: heard(leg, received.jitter_ms), sent: sent.jitter_ms },
    { measure: 'jitterMax', received: heard(leg, received.jitter_max_ms), sent: sent.jitter_max_ms },
    { measure: 'rtt', received: leg.rtt_ms, sent: null, both: true },
    { measure: 'discarded', received: received.discarded, sent: sent.discarded },
    { measure: 'empty', received: received.empty, sent: sent.empty },
    { measure: 'packets', received: received.packets, sent: sent.packets },
  ]
  const expected = leg.transport ? EXPECTED : []
  return all.filter((row) => row.received !== null || row.sent !== null || expected.includes(row.measure))
}

/** Of a telephone call, shown as not measured too: that they are missing says something. */
const EXPECTED: readonly Measure[] = ['mos', 'loss', 'jitter', 'rtt']

/** Of nothing there is no jitter. */
const heard = (leg: Leg, value: number | null) => (leg.received?.packets ? value : null)

export function figure(measure: Measure, value: number): string {
  if (measure === 'mos') return value.toFixed(2)
  if (measure === 'loss') return `${value.toFixed(value > 0 && value < 1 ? 2 : 1)} %`
  if (measure === 'jitter' || measure === 'jitterMax' || measure === 'rtt') return `${value.toFixed(1)} ms`
  return new Intl.NumberFormat('en').format(value)
}

/** MOS over the call, the worse direction at each reading; empty without two of them. */
export function mosOverTime(leg: Leg): { atMs: number; mos: number }[] {
  const points = leg.series.flatMap(({ at_ms, rx_mos, tx_mos }) => {
    const known = [rx_mos, tx_mos].filter((mos) => mos !== null)
    return known.length > 0 ? [{ atMs: at_ms, mos: Math.min(...known) }] : []
  })
  return points.length > 1 ? points : []
}
