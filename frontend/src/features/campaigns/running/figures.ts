/** What is made of a campaign's figures before they are drawn. */
import dayjs from 'dayjs'
import type { Minute, Told } from './data'

/** Wide enough for every bar of a chart; more minutes are added up. */
const MOST_BARS = 90

export interface Bar {
  label: string
  attempts: number
  connected: number
}

/** Minutes as bars, those without anything between them as well; `per` minutes make one bar. */
export function barsOf(minutes: readonly Minute[], most = MOST_BARS): { per: number; bars: Bar[] } {
  const first = minutes[0]
  const last = minutes.at(-1)
  if (!first || !last) return { per: 1, bars: [] }
  const begins = dayjs(first.begins)
  const span = dayjs(last.begins).diff(begins, 'minute') + 1
  const per = Math.ceil(span / most)
  const bars = Array.from({ length: Math.ceil(span / per) }, (_, i) => ({
    label: begins.add(i * per, 'minute').format('HH:mm'),
    attempts: 0,
    connected: 0,
  }))
  for (const minute of minutes) {
    const bar = bars[Math.floor(dayjs(minute.begins).diff(begins, 'minute') / per)]!
    bar.attempts += minute.attempts
    bar.connected += minute.connected
  }
  return { per, bars }
}

/** [["busy", 3], …]: the most frequent first, without those that never came. */
export const byCount = (counts: Record<string, number>): [string, number][] =>
  Object.entries(counts)
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a)

/** Shares of all contacts in per cent, for the bar. */
export function partsOf({ contacts, done, set_aside, calling }: Told) {
  const share = (n: number) => (contacts > 0 ? (100 * n) / contacts : 0)
  return { done: share(done), set_aside: share(set_aside), calling: share(calling) }
}
