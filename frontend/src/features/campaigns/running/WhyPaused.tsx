/** Why a campaign stands still, and what to do next. */
import { Alert, Text } from '@mantine/core'
import { IconAlertTriangle, IconPlayerPause } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Campaign } from '../shared/types'
import { whatNext } from './figures'

export function WhyPaused({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const { state, pause_reason, paused_by_itself } = campaign
  if (state !== 'paused') return null
  return (
    <Alert
      color="amber"
      icon={paused_by_itself ? <IconAlertTriangle size={18} /> : <IconPlayerPause size={18} />}
      title={t(paused_by_itself ? 'run.pausedItself' : 'run.pausedByPerson')}
      role="status"
    >
      {pause_reason && <Text size="sm">{pause_reason}</Text>}
      <Text size="sm" mt={4}>
        {t(`run.next.${whatNext(pause_reason, paused_by_itself)}`)}
      </Text>
    </Alert>
  )
}
