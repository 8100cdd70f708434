/** What is wrong with a trunk, in words and at its field. */
import type { UseFormReturnType } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { asProblem, showProblem } from '@/api/problem'
import { placeOf, type TrunkForm, type Words } from './values'

/** As `showProblem`, with the fields of a trunk where its form has them. */
export function showFaults(form: UseFormReturnType<TrunkForm>, error: unknown): string | null {
  const values = form.getValues()
  const places = asProblem(error).errors.map(({ field }) => [field, placeOf(field, values)])
  return showProblem(form, error, Object.fromEntries(places))
}

export function useWords(): Words {
  const { t } = useTranslation('lines')
  return {
    required: t('fault.required'),
    host: t('fault.host'),
    gateway: t('fault.gateway'),
    address: t('fault.address'),
    addresses: t('fault.addresses'),
    twice: t('fault.twice'),
    between: (least: number, most: number) => t('fault.between', { least, most }),
  }
}
