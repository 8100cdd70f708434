/** What is wrong with a trunk, in words and at its field. */
import type { UseFormReturnType } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { asProblem, Problem, showProblem } from '@/api/problem'
import { placeOf, type TrunkForm, type Words, wordsOf } from './values'

/** As `showProblem`, with the fields of a trunk where its form has them. */
export function showFaults(form: UseFormReturnType<TrunkForm>, error: unknown): string | null {
  const values = form.getValues()
  const { errors, ...rest } = asProblem(error)
  if (errors.length === 0) return showProblem(form, error)
  const placed = errors.map(({ field, code, detail }) => ({
    field: placeOf(field, values),
    code,
    detail: wordsOf(field, detail, values),
  }))
  return showProblem(form, new Problem(rest.status, rest.code, rest.detail, placed))
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
