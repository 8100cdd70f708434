/** The state of a campaign in a word. */
import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { CampaignState } from './types'

const COLORS: Record<CampaignState, string> = {
  draft: 'gray',
  running: 'petrol',
  paused: 'amber',
  stopped: 'red',
  completed: 'gray',
}

export function StateBadge({ state }: { state: CampaignState }) {
  const { t } = useTranslation('campaigns')
  return <Badge color={COLORS[state]}>{t(`state.${state}`)}</Badge>
}
