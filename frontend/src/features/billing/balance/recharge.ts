/** Automatic recharge, as a form. */
import { amountFault, type Range } from './amounts'

export interface RechargeForm {
  enabled: boolean
  threshold_micros: number | null
  amount_micros: number | null
  day_limit_micros: number | null
  month_limit_micros: number | null
}

export type RechargeFault = 'threshold' | 'amount' | 'day' | 'month'

/** What is wrong, by field; empty: nothing. Switched off, it may be unfinished. */
export function rechargeFaults(form: RechargeForm, range: Range): Partial<Record<RechargeFault, true>> {
  const { enabled, threshold_micros, amount_micros, day_limit_micros, month_limit_micros } = form
  if (!enabled) return {}
  // A limit below one recharge would never let one happen.
  const below = (limit: number | null) => limit !== null && limit < (amount_micros ?? 0)
  return {
    ...(threshold_micros === null && { threshold: true }),
    ...(amountFault(amount_micros, range) && { amount: true }),
    ...(below(day_limit_micros) && { day: true }),
    ...(below(month_limit_micros) && { month: true }),
  }
}
