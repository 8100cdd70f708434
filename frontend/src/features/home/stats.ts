/** The figures of the home page, ready to be drawn. */
import dayjs from 'dayjs'
import type { components } from '@/api/schema'

export type CallStats = components['schemas']['CallStats']
export type Period = 7 | 30 | 90

export const PERIODS: readonly Period[] = [7, 30, 90]

/** The days asked for, today included, as the API takes them. */
export function span(period: Period, now: Date): { from: string; to: string } {
  const today = dayjs(now)
  return { from: today.subtract(period - 1, 'day').format('YYYY-MM-DD'), to: today.format('YYYY-MM-DD') }
}

export interface DayRow {
  date: string
  /** For the axis: "Mon 3" in a week, else "3 May". */
  label: string
  answered: number
  unanswered: number
  minutes: number
  /** ms; null on days without a measured answer. */
  p50: number | null
  p95: number | null
}

export function byDay(days: CallStats['days']): DayRow[] {
  const form = days.length <= 7 ? 'ddd D' : 'D MMM'
  return days.map((day) => ({
    date: day.date,
    label: dayjs(day.date).format(form),
    answered: day.answered,
    unanswered: day.calls - day.answered,
    minutes: Math.round(day.minutes * 10) / 10,
    p50: day.response_p50_ms,
    p95: day.response_p95_ms,
  }))
}

/** The most frequent `most` outcomes that are known, each with its share of all (0 to 1). */
export function outcomes(all: CallStats['outcomes'], most = 8) {
  const ended = all.filter(({ end_reason }) => end_reason !== '')
  const sum = ended.reduce((calls, outcome) => calls + outcome.calls, 0)
  return ended.slice(0, most).map((outcome) => ({ ...outcome, share: outcome.calls / sum }))
}
