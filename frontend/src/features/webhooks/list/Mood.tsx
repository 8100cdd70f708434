import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Endpoint } from '../data'
import { type EndpointMood, moodOf } from '../words'

const COLORS: Record<EndpointMood, string> = { active: 'petrol', failing: 'amber', disabled: 'red' }

/** How an endpoint does, in a word. */
export function Mood({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation('webhooks')
  const mood = moodOf(endpoint)
  return <Badge color={COLORS[mood]}>{t(`mood.${mood}`)}</Badge>
}
