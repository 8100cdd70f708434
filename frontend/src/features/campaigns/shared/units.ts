/** Durations between what the API counts in and what people type. */

export const UNITS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const
export type Unit = keyof typeof UNITS

const FROM_LARGEST: Unit[] = ['days', 'hours', 'minutes', 'seconds']

/** The largest unit that takes `seconds` without a rest: 14_400 -> hours, 5_400 -> minutes. */
export function unitOf(seconds: number): Unit {
  if (seconds === 0) return 'minutes'
  return FROM_LARGEST.find((unit) => seconds % UNITS[unit] === 0) ?? 'seconds'
}
