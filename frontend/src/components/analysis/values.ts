/** Values as people read them. */
import dayjs from 'dayjs'
import { money } from '@/components/format'
import type { Field, Result, Value } from './types'

/** Every field with its value, in the agent's order; values of fields that nobody knows any more last. */
export function rowsOf({ fields, values }: Pick<Result, 'fields' | 'values'>): [Field, Value | undefined][] {
  const known = new Set(fields.map(({ name }) => name))
  const rest = Object.keys(values).filter((name) => !known.has(name))
  return [
    ...fields.map((field): [Field, Value | undefined] => [field, values[field.name]]),
    ...rest.map((name): [Field, Value | undefined] => [
      { name, type: 'string', description: '', required: false, many: false },
      values[name],
    ]),
  ]
}

export const isThere = (value: Value | undefined): boolean =>
  value !== undefined && value.value !== null && !(Array.isArray(value.value) && value.value.length === 0)

/** One value in words; several have a line each. `words` are those of yes and no. */
export function shownValue(value: unknown, type: string, words: { yes: string; no: string }): string {
  if (Array.isArray(value)) return value.map((one) => shownValue(one, type, words)).join('\n')
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (value === null || value === undefined) return ''
  if (type === 'date' && typeof value === 'string' && dayjs(value).isValid())
    return dayjs(value).format('ddd D MMM YYYY')
  if (typeof value === 'object') return amount(value as Amount) ?? JSON.stringify(value)
  return typeof value === 'string' ? value : String(value as number)
}

interface Amount {
  amount_micros?: number
  currency?: string
}

/** An amount of money, when the object is one. */
function amount({ amount_micros, currency }: Amount): string | null {
  if (typeof amount_micros !== 'number') return null
  return currency ? money(amount_micros, currency) : String(amount_micros / 1_000_000)
}

export type Mood = 'good' | 'even' | 'bad'

/** What a score from -1 to 1 says. */
export const moodOf = (score: number): Mood => (score > 0.2 ? 'good' : score < -0.2 ? 'bad' : 'even')

/** The words that a value came from; of several values those of each. */
export function sourcesOf({ turn, quote, sources }: Value): { turn: number | null; quote: string }[] {
  if (sources && sources.length > 0) return [...sources]
  return quote ? [{ turn, quote }] : []
}
