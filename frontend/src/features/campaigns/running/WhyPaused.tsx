/** Why a campaign stands still, and what to do next. */
import { Alert, Anchor, Text } from '@mantine/core'
import { IconAlertTriangle, IconPlayerPause } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { TopUpLink } from '@/components/TopUpLink'
import type { Campaign, PauseCode } from '../shared/types'

/** Where it is mended; the rest is in “Edit limits”, which has its button on the page. */
const PAGES = {
  failed: 'calls',
  hung_up_early: 'calls',
  trunk_trouble: 'trunks',
  no_trunk: 'trunks',
  unpublished: 'agents',
  no_usable_number: 'numbers',
  all_resting: 'health',
} as const satisfies Partial<Record<PauseCode, string>>

export function WhyPaused({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const { path } = useTenant()
  const { state, pause_code, pause_reason, paused_by_itself } = campaign
  if (state !== 'paused') return null
  const code = pause_code || 'person'
  const next = (PAGES as Partial<Record<PauseCode, (typeof PAGES)[keyof typeof PAGES]>>)[code]
  return (
    <Alert
      color="amber"
      icon={paused_by_itself ? <IconAlertTriangle size={18} /> : <IconPlayerPause size={18} />}
      title={t(paused_by_itself ? 'run.pausedItself' : 'run.pausedByPerson')}
      role="status"
    >
      {pause_reason && <Text size="sm">{pause_reason}</Text>}
      <Text size="sm" mt={4}>
        {t(`run.next.${code}`)}{' '}
        {next && (
          <Anchor component={Link} to={path(next === 'health' ? 'numbers/health' : next)} inherit>
            {t(`run.nextPage.${next}`)}
          </Anchor>
        )}
        {code === 'no_money' && <TopUpLink />}
      </Text>
    </Alert>
  )
}
