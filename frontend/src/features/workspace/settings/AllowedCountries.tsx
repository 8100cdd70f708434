/** Whereto callers may be handed on. */
import { Alert, Button, Group, MultiSelect, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { done, FormProblem } from '@/components/forms'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { COUNTRIES, countryName } from './countries'

type OwnTenant = components['schemas']['OwnTenant']

const DATA = COUNTRIES.map((value) => ({ value, label: `${countryName(value)} (${value})` }))

export function AllowedCountries() {
  const { t } = useTranslation('workspace')
  const { may } = useTenant()
  const query = $api.useQuery('get', '/api/v1/tenant')
  return (
    <Section title={t('countriesTitle')} text={t('countriesText')}>
      <Loaded query={query} rows={2}>
        {(tenant) =>
          may('tenant.write') ? <CountriesForm tenant={tenant} /> : <Text>{inWords(tenant)}</Text>
        }
      </Loaded>
    </Section>
  )
}

const inWords = ({ countries_in_force }: OwnTenant) => countries_in_force.map(countryName).join(', ')

function CountriesForm({ tenant }: { tenant: OwnTenant }) {
  const { t } = useTranslation('workspace')
  const queries = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({ initialValues: { allowed_countries: [...tenant.allowed_countries] } })
  const save = $api.useMutation('patch', '/api/v1/tenant', {
    onSuccess: async () => {
      form.resetDirty()
      done(t('saved'))
      await queries.invalidateQueries({ queryKey: ['get', '/api/v1/tenant'] })
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
          label={t('countries')}
          placeholder={form.values.allowed_countries.length === 0 ? t('countriesNone') : undefined}
          data={DATA}
          searchable
          clearable
          {...form.getInputProps('allowed_countries')}
        />
        {tenant.allowed_countries.length === 0 && (
          <Alert color="gray">{t('countriesInForce', { countries: inWords(tenant) })}</Alert>
        )}
        <FormProblem text={problem} />
        <Group>
          <Button type="submit" variant="default" loading={save.isPending} disabled={!form.isDirty()}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
