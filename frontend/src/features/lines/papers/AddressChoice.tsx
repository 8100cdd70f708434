/** An address of the workspace, as carriers want one for numbers; a new one is written right there. */
import { Button, Collapse, Group, Select, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { type Address, type Requirements, useAddresses } from '../data'
import { AddressForm } from './AddressForm'

interface AddressChoiceProps {
  country: string
  need: Requirements['address']
  label?: string
  value?: string | null
  onChange?: (id: string | null) => void
  error?: ReactNode
}

export function AddressChoice({ country, need, label, value, onChange, error }: AddressChoiceProps) {
  const { t } = useTranslation('lines')
  const addresses = useAddresses()
  const [writing, write] = useDisclosure()
  const fit = (addresses.data?.results ?? []).filter((address) => fits(address, country, need))
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="xs">
        <Select
          flex="1 1 240px"
          label={label ?? t('papers.address')}
          description={t(`papers.need.${need}`)}
          placeholder={fit.length === 0 ? t('papers.noAddress') : undefined}
          data={fit.map((one) => ({ value: one.id, label: inOneLine(one) }))}
          value={value ?? null}
          onChange={onChange}
          error={error}
        />
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          aria-expanded={writing}
          onClick={write.toggle}
        >
          {t('papers.newAddress')}
        </Button>
      </Group>
      <Collapse expanded={writing}>
        {writing && (
          <AddressForm
            country={need === 'foreign' ? '' : country}
            onMade={(id) => {
              onChange?.(id)
              write.close()
            }}
            onCancel={write.close}
          />
        )}
      </Collapse>
    </Stack>
  )
}

/** `local`: in the number's own country; `foreign`: in another; `any`: anywhere. */
const fits = (address: Address, country: string, need: Requirements['address']): boolean =>
  need === 'local' ? address.country === country : need === 'foreign' ? address.country !== country : true

const inOneLine = ({ label, customer_name, street, postal_code, city, country }: Address): string =>
  [label || customer_name, street, `${postal_code} ${city}`.trim(), country].filter(Boolean).join(', ')
