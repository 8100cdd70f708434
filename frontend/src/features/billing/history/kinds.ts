import { useTranslation } from 'react-i18next'
import type { Entry } from '../data'

/** Kinds of entries, in the order in which people look for them. */
export const KINDS = [
  'top_up',
  'free_credit',
  'credit',
  'call',
  'number',
  'rental',
  'storage',
  'subscription',
  'message',
  'refund',
  'dispute',
  'adjustment',
] as const satisfies readonly Entry['kind'][]

/** A kind in words; one that is new is shown as it is. */
export function useKindName() {
  const { t } = useTranslation('billing')
  return (kind: string): string => {
    const known = KINDS.find((one) => one === kind)
    return known ? t(`entry.${known}`) : kind.replaceAll('_', ' ')
  }
}
