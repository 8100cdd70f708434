/** What a call would cost by the minute, and whether the balance covers its beginning. */
import { Alert, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconAlertTriangle } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { exactMoney, funds, money } from '@/components/format'
import { TopUpLink } from '@/components/TopUpLink'

interface EstimateProps {
  from_number: string
  /** E.164; null while it is not one yet. */
  to_number: string | null
  agent: string
}

const MINUTES = 3

export function Estimate(wish: EstimateProps) {
  const { t } = useTranslation('place')
  const { data } = useEstimate(wish)
  if (!data) return null
  if (data.free)
    return (
      <Text size="sm" c="dimmed" role="status">
        {t('estimateFree')}
      </Text>
    )
  const { per_minute_micros, total_micros, hold_micros, spendable_micros, currency } = data
  return (
    <div role="status">
      <Text size="sm" c="dimmed">
        {t('estimate', {
          minute: exactMoney(per_minute_micros, currency),
          total: money(total_micros, currency),
          count: MINUTES,
        })}
      </Text>
      {data.notes.map((note) => (
        <Text key={note} size="sm" c="dimmed">
          {note}
        </Text>
      ))}
      {!data.enough && (
        <Alert color="amber" icon={<IconAlertTriangle size={18} />} mt="xs">
          {t('estimateShort', {
            hold: money(hold_micros, currency),
            left: funds(spendable_micros, currency),
          })}{' '}
          <TopUpLink />
        </Alert>
      )}
    </div>
  )
}

function useEstimate(wish: EstimateProps) {
  const [asked] = useDebouncedValue(wish, 400)
  const { from_number, to_number, agent } = asked
  const body = { from_number, to_number, agent, minutes: MINUTES }
  return useQuery({
    queryKey: ['post', '/api/v1/billing/estimate', body],
    queryFn: async () => (await api.POST('/api/v1/billing/estimate', { body })).data!,
    enabled: from_number !== '' && to_number !== null && agent !== '',
    placeholderData: keepPreviousData,
    // A number that cannot be called is told of when the call is placed.
    retry: false,
  })
}
