/** Whom statements are made out to, and by which clock a day begins. */
import { Select, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { useBillingChanged, useMayPay } from '../data'

type Settings = components['schemas']['StatementSettings']

/** UTC is no zone of a place, and is left out by browsers. */
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]

export function StatementSettings() {
  const { t } = useTranslation('billing')
  const mayChange = useMayPay()
  const query = $api.useQuery('get', '/api/v1/billing/statement-settings')
  return (
    <Section title={t('paper.title')} text={t('paper.text')}>
      <Loaded query={query}>
        {(stored) =>
          mayChange ? (
            <SettingsForm key={JSON.stringify(stored)} stored={stored} />
          ) : (
            <Stack gap={4}>
              <Text size="sm" style={{ whiteSpace: 'pre-line' }}>
                {stored.bill_to || t('paper.nobody')}
              </Text>
              <Text size="sm" c="dimmed">
                {stored.timezone}
              </Text>
            </Stack>
          )
        }
      </Loaded>
    </Section>
  )
}

function SettingsForm({ stored }: { stored: Settings }) {
  const { t } = useTranslation(['billing', 'common'])
  const changed = useBillingChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({ initialValues: { bill_to: stored.bill_to, timezone: stored.timezone } })
  const save = $api.useMutation('put', '/api/v1/billing/statement-settings', {
    onSuccess: async () => {
      done(t('common:saved'))
      await changed()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  const zones = ZONES.includes(stored.timezone) ? ZONES : [stored.timezone, ...ZONES]
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((body) => {
        setProblem(null)
        save.mutate({ body })
      })}
    >
      <Stack gap="sm">
        <Textarea
          label={t('paper.billTo')}
          description={t('paper.billToHelp')}
          autosize
          minRows={3}
          maxLength={500}
          {...form.getInputProps('bill_to')}
        />
        <Select
          label={t('paper.zone')}
          description={t('paper.zoneHelp')}
          data={zones}
          searchable
          limit={100}
          allowDeselect={false}
          nothingFoundMessage={t('paper.noZone')}
          {...form.getInputProps('timezone')}
        />
        <FormProblem text={problem} />
        <FormButtons label={t('common:save')} busy={save.isPending} disabled={!form.isDirty()} />
      </Stack>
    </form>
  )
}
