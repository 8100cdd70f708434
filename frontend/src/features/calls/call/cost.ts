/** Lines of what a call costs. */
import { count, exactMoney } from '@/components/format'

export const COST_COMPONENTS = ['platform', 'included', 'telephony', 'stt', 'llm', 'tts', 'realtime'] as const
export type CostComponent = (typeof COST_COMPONENTS)[number]

export const isCostComponent = (name: string): name is CostComponent =>
  (COST_COMPONENTS as readonly string[]).includes(name)

interface Line {
  quantity: number
  unit: string
  price_micros: number
  /** How many units the price is for: 60 for seconds at a price by the minute. */
  per: number
}

/** "65 seconds at $0.05 per 60", "1,204 tokens at $3.00 per 1,000,000": how the amount came about. */
export function quantityOf({ quantity, unit, price_micros, per }: Line, currency: string): string {
  const amount = `${count(quantity)} ${unit}`
  if (price_micros === 0) return amount
  const price = exactMoney(price_micros, currency)
  return `${amount} × ${price}${per === 1 ? '' : ` / ${count(per)}`}`
}
