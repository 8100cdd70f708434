import { Button, Chip, Fieldset, Group, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconSearch } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { COUNTRIES, countryName } from '@/components/countries'
import type { Seller } from '../data'
import { areaFits, CAPABILITIES, containsFits, TYPES, type Wish } from './search'

interface SearchFormProps {
  /** One at least. */
  sellers: readonly Seller[]
  onSearch: (wish: Wish) => void
}

export function SearchForm({ sellers, onSearch }: SearchFormProps) {
  const { t } = useTranslation('lines')
  const form = useForm<Wish>({
    initialValues: {
      country: 'US',
      type: 'local',
      area: '',
      contains: '',
      capabilities: ['voice'],
      carrier: '',
    },
    validate: {
      country: (country) => (country ? null : t('buy.countryFault')),
      area: (area) => (areaFits(area) ? null : t('buy.areaFault')),
      contains: (contains) => (containsFits(contains) ? null : t('buy.containsFault')),
    },
  })
  return (
    <form noValidate onSubmit={form.onSubmit((wish) => onSearch({ ...wish }))} aria-label={t('buy.search')}>
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, xs: 2, md: sellers.length > 1 ? 5 : 4 }} spacing="sm">
          <Select
            label={t('buy.country')}
            data={COUNTRIES.map((value) => ({ value, label: countryName(value) }))}
            searchable
            allowDeselect={false}
            {...form.getInputProps('country')}
          />
          <Select
            label={t('buy.type')}
            data={TYPES.map((value) => ({ value, label: t(`buy.types.${value}`) }))}
            allowDeselect={false}
            {...form.getInputProps('type')}
          />
          <TextInput label={t('buy.area')} placeholder="415" {...form.getInputProps('area')} />
          <TextInput label={t('buy.contains')} placeholder="2255" {...form.getInputProps('contains')} />
          {sellers.length > 1 && (
            <Select
              label={t('buy.carrier')}
              placeholder={t('buy.anyCarrier')}
              clearable
              clearButtonProps={{ 'aria-label': t('buy.clear') }}
              data={sellers.map(({ name, label }) => ({ value: name, label }))}
              value={form.values.carrier || null}
              onChange={(carrier) => form.setFieldValue('carrier', carrier ?? '')}
            />
          )}
        </SimpleGrid>
        <Group justify="space-between" align="flex-end">
          <Fieldset variant="unstyled" legend={<Text size="sm">{t('buy.capabilities')}</Text>}>
            <Chip.Group multiple {...form.getInputProps('capabilities')}>
              <Group gap="xs" mt={4}>
                {CAPABILITIES.map((value) => (
                  <Chip key={value} value={value} size="xs">
                    {t(`buy.capability.${value}`)}
                  </Chip>
                ))}
              </Group>
            </Chip.Group>
          </Fieldset>
          <Button type="submit" leftSection={<IconSearch size={16} aria-hidden />}>
            {t('buy.search')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
