/** One plan: what it costs and what is in it. */
import { Badge, Button, Group, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { confirmDanger, done, failed } from '@/components/forms'
import { count, exactMoney } from '@/components/format'
import classes from '../billing.module.css'
import { goTo, type Plan, useBillingChanged } from '../data'

export function PlanCard({ plan, choosable }: { plan: Plan; choosable: boolean }) {
  const { t } = useTranslation('billing')
  const { name, description, price_micros_month, currency, current } = plan
  return (
    <li className={classes.plan} data-current={current || undefined}>
      <Group justify="space-between">
        <Title order={2} size="h3">
          {name}
        </Title>
        {current && <Badge>{t('plans.current')}</Badge>}
      </Group>
      <Text fw={600}>
        {price_micros_month > 0
          ? t('plans.month', { price: exactMoney(price_micros_month, currency) })
          : t('plans.noPrice')}
      </Text>
      {description && (
        <Text size="sm" c="dimmed">
          {description}
        </Text>
      )}
      <Inside plan={plan} />
      {choosable && !current && <Choose plan={plan} />}
    </li>
  )
}

function Inside({ plan }: { plan: Plan }) {
  const { t } = useTranslation('billing')
  const { currency } = plan
  const lines = [
    plan.included_minutes > 0 && t('plans.included', { minutes: count(plan.included_minutes) }),
    t('plans.minute', { price: exactMoney(plan.platform_micros_per_minute, currency) }),
    t('plans.rounding', { count: plan.rounding_s }),
    plan.concurrency === null ? t('plans.anyCalls') : t('plans.calls', { count: plan.concurrency }),
    plan.seats === null ? t('plans.anySeats') : t('plans.seats', { count: plan.seats }),
    plan.number_micros_month > 0
      ? t('plans.number', { price: exactMoney(plan.number_micros_month, currency) })
      : t('plans.numberOnly'),
    plan.vendor_margin_percent > 0
      ? t('plans.margin', { percent: plan.vendor_margin_percent })
      : t('plans.cost'),
    t('plans.storage', { price: exactMoney(plan.storage_micros_per_gb_month, currency) }),
  ].filter((line) => line !== false)
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}

function Choose({ plan: { code, name, price_micros_month, currency } }: { plan: Plan }) {
  const { t } = useTranslation(['billing', 'common'])
  const changed = useBillingChanged()
  const choose = $api.useMutation('post', '/api/v1/billing/subscription', {
    onSuccess: async ({ url }) => {
      if (url) return goTo(url)
      done(t('plans.chosen', { name }))
      await changed()
    },
    onError: failed,
  })
  return (
    <Button
      variant="default"
      loading={choose.isPending}
      onClick={() =>
        confirmDanger({
          title: t('plans.chooseTitle', { name }),
          text:
            price_micros_month > 0
              ? t('plans.chooseText', { price: exactMoney(price_micros_month, currency) })
              : t('plans.chooseFree'),
          confirm: t('plans.choose'),
          cancel: t('common:cancel'),
          onConfirm: () => choose.mutate({ body: { plan: code } }),
        })
      }
    >
      {t('plans.choose')}
    </Button>
  )
}
