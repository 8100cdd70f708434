/** Amounts that can be paid in. */

export interface Range {
  least_micros: number
  most_micros: number
}

const OFFERS = [10_000_000, 25_000_000, 50_000_000, 100_000_000]

/** What is offered at a click: round amounts that are allowed. */
export const offered = (range: Range): number[] => OFFERS.filter((micros) => !amountFault(micros, range))

/** Why the amount cannot be paid in; null: it can. */
export function amountFault(micros: number | null, range: Range): 'none' | 'little' | 'much' | null {
  if (micros === null) return 'none'
  if (micros < range.least_micros) return 'little'
  return micros > range.most_micros ? 'much' : null
}
