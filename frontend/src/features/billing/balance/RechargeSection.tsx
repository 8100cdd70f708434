/** Money by itself: when the balance falls below a sum, the saved card is charged. */
import { Alert, Badge, Group, SimpleGrid, Stack, Switch, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { AmountInput } from '@/components/AmountInput'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { exactMoney, money } from '@/components/format'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { type PaymentSettings, type Recharge, useBillingChanged } from '../data'
import { rechargeFaults, type RechargeForm } from './recharge'

const COLORS: Record<Recharge['state'], string> = {
  off: 'gray',
  on: 'petrol',
  paused: 'amber',
  no_card: 'amber',
}

export function RechargeSection({ settings }: { settings: PaymentSettings }) {
  const { t } = useTranslation('billing')
  const query = $api.useQuery('get', '/api/v1/billing/recharge')
  return (
    <Section title={t('recharge.title')} text={t('recharge.text')}>
      <Loaded query={query}>
        {(stored) => (
          <Stack gap="sm">
            <State stored={stored} />
            <Form key={keyOf(stored)} stored={stored} settings={settings} />
          </Stack>
        )}
      </Loaded>
    </Section>
  )
}

/** A form of its own for each state of what is stored; what was charged meanwhile is not typed over. */
const keyOf = (stored: Recharge): string => JSON.stringify(toForm(stored))

const toForm = (stored: Recharge): RechargeForm => ({
  enabled: stored.enabled,
  threshold_micros: stored.threshold_micros,
  amount_micros: stored.amount_micros,
  day_limit_micros: stored.day_limit_micros,
  month_limit_micros: stored.month_limit_micros,
})

function State({ stored }: { stored: Recharge }) {
  const { t } = useTranslation('billing')
  const { state, problem, today_micros, month_micros, currency } = stored
  return (
    <>
      <Group gap="xs">
        <Badge color={COLORS[state]}>{t(`recharge.state.${state}`)}</Badge>
        {month_micros > 0 && (
          <Text size="sm" c="dimmed">
            {t('recharge.soFar', {
              today: money(today_micros, currency),
              month: money(month_micros, currency),
            })}
          </Text>
        )}
      </Group>
      {problem && (
        <Alert color="amber" icon={<IconAlertTriangle size={18} />}>
          {problem}
        </Alert>
      )}
    </>
  )
}

function Form({ stored, settings }: { stored: Recharge; settings: PaymentSettings }) {
  const { t } = useTranslation(['billing', 'common'])
  const changed = useBillingChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const { currency } = stored
  const range = {
    least: exactMoney(settings.least_micros, currency),
    most: exactMoney(settings.most_micros, currency),
  }
  const form = useForm<RechargeForm>({
    initialValues: toForm(stored),
    validate: (values) => {
      const faults = rechargeFaults(values, settings)
      return {
        threshold_micros: faults.threshold && t('recharge.thresholdFault'),
        amount_micros: faults.amount && t('topUp.fault', range),
        day_limit_micros: faults.day && t('recharge.limitFault'),
        month_limit_micros: faults.month && t('recharge.limitFault'),
      }
    },
  })
  const save = $api.useMutation('put', '/api/v1/billing/recharge', {
    onSuccess: async () => {
      done(t('common:saved'))
      await changed()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) => {
        setProblem(null)
        // What was emptied before it was switched off stays as it was.
        const threshold_micros = values.threshold_micros ?? stored.threshold_micros
        const amount_micros = values.amount_micros ?? stored.amount_micros
        save.mutate({ body: { ...values, threshold_micros, amount_micros } })
      })}
    >
      <Stack gap="sm">
        <Switch label={t('recharge.enabled')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
        {form.values.enabled && (
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <AmountInput
              label={t('recharge.threshold')}
              currency={currency}
              {...form.getInputProps('threshold_micros')}
            />
            <AmountInput
              label={t('recharge.amount')}
              currency={currency}
              {...form.getInputProps('amount_micros')}
            />
            <AmountInput
              label={t('recharge.day')}
              placeholder={t('recharge.noLimit')}
              currency={currency}
              {...form.getInputProps('day_limit_micros')}
            />
            <AmountInput
              label={t('recharge.month')}
              placeholder={t('recharge.noLimit')}
              currency={currency}
              {...form.getInputProps('month_limit_micros')}
            />
          </SimpleGrid>
        )}
        <FormProblem text={problem} />
        <FormButtons label={t('common:save')} busy={save.isPending} disabled={!form.isDirty()} />
      </Stack>
    </form>
  )
}
