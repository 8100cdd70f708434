import { Button, Fieldset, Group, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { isNotEmpty, useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { COUNTRIES, countryName } from '@/components/countries'
import { FormProblem } from '@/components/forms'

interface AddressFormProps {
  country: string
  onMade: (id: string) => void
  onCancel: () => void
}

const DATA = COUNTRIES.map((value) => ({ value, label: countryName(value) }))

/** No form element of its own: it stands within another's form. */
export function AddressForm({ country, onMade, onCancel }: AddressFormProps) {
  const { t } = useTranslation(['lines', 'common'])
  const queries = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const needed = isNotEmpty(t('papers.needed'))
  const form = useForm({
    initialValues: {
      label: '',
      customer_name: '',
      street: '',
      street2: '',
      city: '',
      region: '',
      postal_code: '',
      country,
    },
    validate: { customer_name: needed, street: needed, city: needed, country: needed },
  })
  const create = $api.useMutation('post', '/api/v1/numbers/addresses', {
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['get', '/api/v1/numbers/addresses'] })
      onMade(id)
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  const save = () => {
    setProblem(null)
    if (!form.validate().hasErrors) {
      const values = form.getValues()
      create.mutate({ body: { ...values, label: values.label || values.customer_name } })
    }
  }
  const field = (
    name: 'customer_name' | 'street' | 'street2' | 'city' | 'region' | 'postal_code' | 'label',
  ) => <TextInput label={t(`papers.${name}`)} maxLength={200} {...form.getInputProps(name)} />
  return (
    <Fieldset
      legend={t('papers.newAddress')}
      onKeyDown={(event) => {
        // Enter in a field saves the address, not the form around it; in an open list it has chosen something.
        const typing = event.target instanceof HTMLInputElement
        if (event.key !== 'Enter' || event.defaultPrevented || !typing) return
        event.preventDefault()
        save()
      }}
    >
      <Stack gap="sm">
        {field('customer_name')}
        {field('street')}
        {field('street2')}
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          {field('postal_code')}
          {field('city')}
          {field('region')}
          <Select
            label={t('buy.country')}
            data={DATA}
            searchable
            allowDeselect={false}
            {...form.getInputProps('country')}
          />
        </SimpleGrid>
        {field('label')}
        <FormProblem text={problem} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {t('common:cancel')}
          </Button>
          <Button loading={create.isPending} onClick={save}>
            {t('papers.saveAddress')}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  )
}
