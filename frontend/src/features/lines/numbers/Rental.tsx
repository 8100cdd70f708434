/** What a number of ours costs, until when it is paid, and what happens when it is not. */
import { Badge, Group, Stack, Text } from '@mantine/core'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { exactMoney } from '@/components/format'
import { TopUpLink } from '@/components/TopUpLink'
import type { PhoneNumber } from '../data'

const day = (at: string) => dayjs(at).format('D MMM YYYY')

export function Rental({ number: { rental } }: { number: PhoneNumber }) {
  const { t } = useTranslation('lines')
  if (!rental) return null
  const { monthly_micros, currency, paid_until, state, grace_until } = rental
  return (
    <Stack gap={2} align="flex-start">
      <Text size="xs" c="dimmed">
        {t('rental', { price: exactMoney(monthly_micros, currency) })}
        {state === 'active' && paid_until && ` · ${t('rentedUntil', { day: day(paid_until) })}`}
      </Text>
      {state === 'grace' && (
        <>
          <Group gap="xs">
            <Badge color="red">{t('grace')}</Badge>
            <Text size="sm">
              <TopUpLink />
            </Text>
          </Group>
          {grace_until && <Text size="xs">{t('graceUntil', { day: day(grace_until) })}</Text>}
        </>
      )}
    </Stack>
  )
}
