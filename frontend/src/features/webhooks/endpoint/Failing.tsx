/** An endpoint that has taken nothing for a while: it is tried on, and disabled when it goes on so. */
import { Alert } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { exactTime } from '@/components/format'
import type { Endpoint } from '../data'
import { moodOf } from '../words'

export function Failing({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation('webhooks')
  if (moodOf(endpoint) !== 'failing') return null
  return (
    <Alert color="amber" icon={<IconAlertTriangle size={18} />} title={t('failingTitle')}>
      {t('failingText', { at: exactTime(endpoint.failing_since!) })}
    </Alert>
  )
}
