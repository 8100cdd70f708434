/** Lines of what a call costs. */
import { msOf } from '@/components/quantity'

export const COST_COMPONENTS = ['platform', 'included', 'telephony', 'stt', 'llm', 'tts', 'realtime'] as const
export type CostComponent = (typeof COST_COMPONENTS)[number]

export const isCostComponent = (name: string): name is CostComponent =>
  (COST_COMPONENTS as readonly string[]).includes(name)

interface Line {
  unit: string
  price_micros: number
  /** How many units the price is for: 60 for seconds at a price by the minute. */
  per: number
}

/** What a price is for, where people have a word for it; `many`: so many units. Null: it has none. */
export function eachOf({ unit, price_micros, per }: Line): 'one' | 'minute' | 'million' | 'many' | null {
  if (price_micros === 0) return null
  if (msOf(per, unit) === 60_000) return 'minute'
  return per === 1 ? 'one' : per === 1_000_000 ? 'million' : 'many'
}
