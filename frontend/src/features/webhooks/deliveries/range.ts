/** A range of deliveries to send again. */
import dayjs from 'dayjs'

/** What is on its way already is not sent twice. */
export const REPLAYABLE = ['dead', 'delivered'] as const
export type Replayable = (typeof REPLAYABLE)[number]

export interface RangeForm {
  /** In the reader's own time, `YYYY-MM-DD HH:mm:ss`; null: without end. */
  since: string | null
  until: string | null
  states: Replayable[]
  types: string[]
}

/** What was given up in the last day: what there is to make good after a receiver was down. */
export const emptyRange = (now = dayjs()): RangeForm => ({
  since: now.subtract(1, 'day').startOf('minute').format('YYYY-MM-DD HH:mm:ss'),
  until: null,
  states: ['dead'],
  types: [],
})

export function bodyOf({ since, until, states, types }: RangeForm) {
  const moment = (at: string | null) => (at ? dayjs(at).toISOString() : null)
  return { since: moment(since), until: moment(until), states, types }
}
