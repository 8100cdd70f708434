/** The arithmetic of the picture of a week. */

const MINUTES = 24 * 60

/** "09:30" or "09:30:00" -> 570; an ISO time counts as its own clock shows it. */
export function minutesOf(clock: string): number {
  const [, hours = '0', minutes = '0'] = /(\d{2}):(\d{2})/.exec(clock) ?? []
  return Number(hours) * 60 + Number(minutes)
}

/** Where an interval lies in a day, in per cent of it. An end at midnight is the day's. */
export function spanOf([start, end]: readonly [string, string]): { left: number; width: number } {
  const from = minutesOf(start)
  const until = minutesOf(end) || MINUTES
  return { left: (100 * from) / MINUTES, width: (100 * Math.max(0, until - from)) / MINUTES }
}

const clock = (text: string) => {
  const minutes = minutesOf(text)
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** [["09:00:00", "20:00:00"]] -> "09:00–20:00". */
export function inWords(intervals: readonly (readonly [string, string])[]): string {
  return intervals
    .map(([start, end]) => `${clock(start)}–${minutesOf(end) ? clock(end) : '24:00'}`)
    .join(', ')
}
