/** How much of something was used, as lines of a bill count it. */
import { useTranslation } from 'react-i18next'
import { count, duration } from './format'

const COUNTED = [
  'character',
  'input_token',
  'cached_token',
  'output_token',
  'audio_input_token',
  'audio_output_token',
  'charge',
] as const

/** Seconds or milliseconds in milliseconds; null: not a time. */
export const msOf = (quantity: number, unit: string): number | null =>
  unit === 'second' ? quantity * 1000 : unit === 'millisecond' ? quantity : null

/** 65, "second" -> "1:05"; 1204, "input_token" -> "1,204 tokens in". A unit that is new is shown as it is. */
export function useQuantity() {
  const { t } = useTranslation('common')
  return (quantity: number, unit: string): string => {
    const ms = msOf(quantity, unit)
    if (ms !== null) return duration(ms)
    const known = COUNTED.find((one) => one === unit)
    return known
      ? t(`unit.${known}`, { count: quantity, n: count(quantity) })
      : `${count(quantity)} ${unit.replaceAll('_', ' ')}`.trim()
  }
}
