/** Whereto calls may go, and agents may hand callers on. */
import { Alert, MultiSelect, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { COUNTRIES, countryName } from '@/components/countries'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { useBillingChanged, useMayPay } from '../data'

type Allowed = components['schemas']['Countries']

const DATA = COUNTRIES.map((value) => ({ value, label: `${countryName(value)} (${value})` }))

export function Countries() {
  const { t } = useTranslation('billing')
  const mayChange = useMayPay()
  const query = $api.useQuery('get', '/api/v1/billing/countries')
  return (
    <Section title={t('countries.title')} text={t('countries.text')}>
      <Loaded query={query} rows={2}>
        {(stored) =>
          mayChange ? (
            <CountriesForm key={(stored.allowed ?? []).join()} stored={stored} />
          ) : (
            <Text size="sm">{stored.in_force.map(countryName).join(', ')}</Text>
          )
        }
      </Loaded>
    </Section>
  )
}

function CountriesForm({ stored }: { stored: Allowed }) {
  const { t } = useTranslation(['billing', 'common'])
  const queries = useQueryClient()
  const changed = useBillingChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({ initialValues: { allowed: [...(stored.allowed ?? [])] } })
  const save = $api.useMutation('put', '/api/v1/billing/countries', {
    onSuccess: async () => {
      done(t('common:saved'))
      await Promise.all([changed(), queries.invalidateQueries({ queryKey: ['get', '/api/v1/tenant'] })])
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((body) => {
        setProblem(null)
        save.mutate({ body })
      })}
    >
      <Stack gap="sm">
        <MultiSelect
          label={t('countries.allowed')}
          placeholder={form.values.allowed.length === 0 ? t('countries.none') : undefined}
          data={DATA}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': t('clear') }}
          {...form.getInputProps('allowed')}
        />
        {form.values.allowed.length === 0 && (
          <Alert color="gray">
            {t('countries.inForce', { countries: stored.in_force.map(countryName).join(', ') })}
          </Alert>
        )}
        <FormProblem text={problem} />
        <FormButtons label={t('common:save')} busy={save.isPending} disabled={!form.isDirty()} />
      </Stack>
    </form>
  )
}
