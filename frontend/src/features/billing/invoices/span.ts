import dayjs from 'dayjs'

interface Span {
  /** Days, the last one included. */
  period_start: string
  period_end: string
}

/** A whole month by its name, anything else by its days: "November 2026", "12 Nov – 30 Nov 2026". */
export function spanName({ period_start, period_end }: Span): string {
  const [first, last] = [dayjs(period_start), dayjs(period_end)]
  if (first.date() === 1 && last.isSame(first.endOf('month'), 'day')) return first.format('MMMM YYYY')
  return `${first.format('D MMM')} – ${last.format('D MMM YYYY')}`
}
