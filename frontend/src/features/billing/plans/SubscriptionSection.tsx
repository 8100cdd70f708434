/** How the plan is paid: until when, what went wrong, and the end of it. */
import { Alert, Badge, Button, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconExternalLink } from '@tabler/icons-react'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Section } from '@/components/Section'
import { LIVE_MS, type Subscription, useBillingChanged } from '../data'

const COLORS: Record<Subscription['state'], string> = {
  none: 'gray',
  active: 'petrol',
  past_due: 'red',
  incomplete: 'amber',
  cancelled: 'gray',
}

export function SubscriptionSection() {
  const { t } = useTranslation('billing')
  const { data } = $api.useQuery('get', '/api/v1/billing/subscription', {}, { refetchInterval: 2 * LIVE_MS })
  if (!data || data.state === 'none') return null
  const { state, period_end, cancel_at_period_end, problem, pay_url } = data
  const day = period_end && dayjs(period_end).format('D MMM YYYY')
  return (
    <Section title={t('subscription.title')} text={t('subscription.text')}>
      <Stack gap="sm" align="flex-start">
        <Group gap="xs">
          <Badge color={COLORS[state]}>{t(`subscription.state.${state}`)}</Badge>
          {day && (
            <Text size="sm">
              {t(cancel_at_period_end ? 'subscription.ends' : 'subscription.renews', { day })}
            </Text>
          )}
        </Group>
        {problem && (
          <Alert color="amber" icon={<IconAlertTriangle size={18} />}>
            {problem}
          </Alert>
        )}
        <May permission="billing.write">
          <Group gap="xs">
            {pay_url && (
              <Button
                component="a"
                href={pay_url}
                size="xs"
                rightSection={<IconExternalLink size={14} aria-hidden />}
              >
                {t('payments.pay')}
              </Button>
            )}
            {state !== 'cancelled' && !cancel_at_period_end && <Cancel day={day} />}
          </Group>
        </May>
      </Stack>
    </Section>
  )
}

function Cancel({ day }: { day: string | null }) {
  const { t } = useTranslation(['billing', 'common'])
  const changed = useBillingChanged()
  const cancel = $api.useMutation('delete', '/api/v1/billing/subscription', {
    onSuccess: async () => {
      done(t('subscription.cancelled'))
      await changed()
    },
    onError: failed,
  })
  return (
    <Button
      size="xs"
      variant="default"
      loading={cancel.isPending}
      onClick={() =>
        confirmDanger({
          title: t('subscription.cancelTitle'),
          text: day ? t('subscription.cancelText', { day }) : t('subscription.cancelNow'),
          confirm: t('subscription.cancel'),
          cancel: t('common:cancel'),
          onConfirm: () => cancel.mutate({}),
        })
      }
    >
      {t('subscription.cancel')}
    </Button>
  )
}
