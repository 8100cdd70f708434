/** A language model by its vendor, out of the catalogue. */
import { Select } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useOffers, useVendorName } from '@/components/vendors/offer'
import type { AskedModel } from './types'

interface ModelChoiceProps {
  value: AskedModel
  onChange: (model: AskedModel) => void
  error?: ReactNode
}

export function ModelChoice({ value, onChange, error }: ModelChoiceProps) {
  const { t } = useTranslation('agents')
  const { offers } = useOffers('llm')
  const vendorName = useVendorName()
  const chosen = value.model ? `${value.provider} ${value.model}` : null
  const data = offers.map(({ vendor, model }) => ({
    value: `${vendor} ${model}`,
    label: `${vendorName(vendor)} ${model}`,
  }))
  if (chosen && !data.some((offer) => offer.value === chosen)) data.push({ value: chosen, label: chosen })
  return (
    <Select
      flex={1}
      miw={220}
      label={t('suites.model')}
      description={t('suites.modelHelp')}
      searchable
      allowDeselect={false}
      data={data}
      value={chosen}
      error={error}
      onChange={(picked) => {
        const [provider, ...model] = picked!.split(' ')
        onChange({ provider: provider!, model: model.join(' ') })
      }}
    />
  )
}
