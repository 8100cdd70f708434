/** A trunk's figures, ready to be drawn. */
import dayjs from 'dayjs'
import type { components } from '@/api/schema'

export type TrunkStats = components['schemas']['TrunkStats']
export type TrunkFigures = components['schemas']['TrunkFigures']
export type Step = 'hour' | 'day'

export const PERIODS = ['24h', '7d', '30d'] as const
export type Period = (typeof PERIODS)[number]

/** A week by the hour would be 168 bars. */
export const stepOf = (period: Period): Step => (period === '24h' ? 'hour' : 'day')

export interface PointRow {
  label: string
  attempts: number
  answered: number
  unanswered: number
  /** Per cent, as ratios are read; null where nothing was settled. */
  asr: number | null
  /** Seconds. */
  acd: number | null
  p50: number | null
  p95: number | null
  mos: number | null
  peak: number
  failures: Record<string, number>
}

export function byTime(series: TrunkStats['series'], step: Step): PointRow[] {
  return series.map((point) => ({
    label: dayjs(point.at).format(step === 'hour' ? 'HH:mm' : series.length <= 7 ? 'ddd D' : 'D MMM'),
    attempts: point.attempts,
    answered: point.answered,
    unanswered: point.attempts - point.answered,
    asr: point.asr === null ? null : Math.round(point.asr * 1000) / 10,
    acd: point.acd_ms === null ? null : Math.round(point.acd_ms / 1000),
    p50: point.pdd_p50_ms,
    p95: point.pdd_p95_ms,
    mos: point.mos,
    peak: point.peak,
    failures: point.failures,
  }))
}

/** What the smaller ones are summed up as. */
export const OTHERS = 'others'

/** The codes to draw, the most frequent first; what goes beyond `most` is one more, `others`. */
export function codesOf(failures: Record<string, number>, most = 5): string[] {
  const codes = Object.entries(failures)
    .sort(([a, n], [b, m]) => m - n || a.localeCompare(b))
    .map(([code]) => code)
  return codes.length <= most + 1 ? codes : [...codes.slice(0, most), OTHERS]
}

/** A label, and how many failed by code. */
export type FailureRow = { label: string } & Record<string, number | string>

/** Each row's failures of `codes`, as columns of their own. */
export function failureRows(rows: PointRow[], codes: string[]): FailureRow[] {
  return rows.map(({ label, failures }) => {
    const row: FailureRow = { label }
    for (const code of codes) row[code] = 0
    for (const [code, calls] of Object.entries(failures)) {
      const column = codes.includes(code) ? code : OTHERS
      row[column] = Number(row[column] ?? 0) + calls
    }
    return row
  })
}

/** The key of a text that says what a code means; the class of it when we have none of its own. */
const KNOWN = [
  '400',
  '401',
  '403',
  '404',
  '405',
  '407',
  '408',
  '410',
  '415',
  '480',
  '481',
  '482',
  '483',
  '484',
  '485',
  '486',
  '487',
  '488',
  '491',
  '500',
  '501',
  '502',
  '503',
  '504',
  '600',
  '603',
  '604',
  '606',
  '607',
  '608',
  'none',
  OTHERS,
] as const
export type CodeWord = (typeof KNOWN)[number] | '3xx' | '4xx' | '5xx' | '6xx'

export function wordOf(code: string): CodeWord {
  const known = KNOWN.find((one) => one === code)
  if (known) return known
  return /^[356]/.test(code) ? (`${code[0] as '3' | '5' | '6'}xx` as const) : '4xx'
}

/** What MOS means to a listener (ITU-T G.107, table of user satisfaction, as MOS). */
export function ratingOf(mos: number): 'excellent' | 'good' | 'fair' | 'poor' | 'bad' {
  if (mos >= 4.34) return 'excellent'
  if (mos >= 4.03) return 'good'
  if (mos >= 3.6) return 'fair'
  return mos >= 3.1 ? 'poor' : 'bad'
}
