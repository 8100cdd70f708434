/** How a caller number does, in a badge: on lists of numbers, and where campaigns choose among them. */
import { Anchor, Badge } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { phone } from './format'

export type HealthState = components['schemas']['NumberHealthState']

const MOST = { params: { query: { limit: 200 } } } as const

const COLORS: Record<HealthState, string> = {
  few: 'gray',
  healthy: 'petrol',
  suspect: 'red',
  resting: 'amber',
}

export function HealthBadge({ state }: { state: HealthState }) {
  const { t } = useTranslation('common')
  return <Badge color={COLORS[state]}>{t(`health.${state}`)}</Badge>
}

/** Of the number `id` (num_…): leads to its figures. Nothing while no campaign has called from it. */
export function NumberHealth({ id }: { id: string }) {
  const { t } = useTranslation('common')
  const { may, path } = useTenant()
  const { data } = $api.useQuery('get', '/api/v1/numbers/health', MOST, { enabled: may('campaigns.read') })
  const found = data?.results.find(({ number }) => number === id)
  if (!found) return null
  return (
    <Anchor
      component={Link}
      to={path('numbers/health')}
      underline="never"
      aria-label={t('healthOf', { number: phone(found.e164), state: t(`health.${found.state}`) })}
    >
      <HealthBadge state={found.state} />
    </Anchor>
  )
}
