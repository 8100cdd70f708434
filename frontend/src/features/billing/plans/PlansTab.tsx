/** The plan that holds, how much of it is used, and the others. */
import { Alert, Progress, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import { count, share } from '@/components/format'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { Back } from '../balance/Back'
import { LIVE_MS, useMayPay, usePaymentSettings } from '../data'
import { PlanCard } from './PlanCard'
import { SubscriptionSection } from './SubscriptionSection'
import classes from '../billing.module.css'

/** A plan that was paid for holds as soon as the payment provider says so. */
const LIVE = { refetchInterval: 2 * LIVE_MS } as const

type OwnPlan = components['schemas']['OwnPlan']

export function PlansTab() {
  const { t } = useTranslation('billing')
  const own = $api.useQuery('get', '/api/v1/billing/plan', {}, LIVE)
  const plans = $api.useQuery('get', '/api/v1/billing/plans', {}, LIVE)
  const settings = usePaymentSettings()
  const mayPay = useMayPay()
  const configured = settings.data?.configured ?? false
  return (
    <Stack gap="lg">
      <Back plan />
      <Loaded query={own} rows={3}>
        {(data) => <Own own={data} />}
      </Loaded>
      {configured && <SubscriptionSection />}
      {settings.data && !configured && <Alert color="gray">{t('plans.fixed')}</Alert>}
      <Loaded query={plans} rows={5}>
        {({ results }) => (
          <ul className={classes.plans} aria-label={t('plans.all')}>
            {results.map((plan) => (
              <PlanCard key={plan.id} plan={plan} choosable={mayPay && configured} />
            ))}
          </ul>
        )}
      </Loaded>
    </Stack>
  )
}

function Own({ own }: { own: OwnPlan }) {
  const { t } = useTranslation('billing')
  const { plan, since, included_seconds, used_seconds, members } = own
  const used = included_seconds > 0 ? Math.min(1, used_seconds / included_seconds) : 0
  return (
    <Section
      title={t('plans.own', { name: plan.name })}
      text={since && t('plans.since', { day: dayjs(since).format('D MMM YYYY') })}
    >
      <Stack gap="xs">
        {included_seconds > 0 && (
          <>
            <Progress
              value={100 * used}
              color={used >= 1 ? 'amber' : 'petrol'}
              aria-label={t('plans.meter', { share: share(used) })}
            />
            <Text size="sm">
              {t('plans.used', {
                used: count(Math.ceil(used_seconds / 60)),
                all: count(Math.floor(included_seconds / 60)),
              })}
            </Text>
          </>
        )}
        <Text size="sm">
          {plan.seats === null
            ? t('plans.members', { count: members })
            : t('plans.membersOf', { count: members, most: plan.seats })}
        </Text>
        {used >= 1 && included_seconds > 0 && (
          <Alert color="amber" icon={<IconAlertTriangle size={18} />}>
            {t('plans.usedUp')}
          </Alert>
        )}
      </Stack>
    </Section>
  )
}
