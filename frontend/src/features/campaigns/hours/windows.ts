/** Windows of the week as they are typed. */
import { type CampaignWindow, DAYS, type Day } from '../shared/types'

/** Weekdays that are in no window. */
export const daysWithout = (windows: readonly CampaignWindow[]): Day[] =>
  DAYS.filter((day) => !windows.some(({ days }) => days.includes(day)))

// A field for times knows no 24:00; as an end, midnight can only be the day's.
export const endOf = (typed: string) => (typed === '00:00' ? '24:00' : typed)
export const typedEnd = (end: string) => (end === '24:00' ? '00:00' : end)
