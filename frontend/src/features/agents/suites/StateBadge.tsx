import { Badge } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { CaseResult, Run } from './types'

const COLOURS = {
  running: 'amber',
  calling: 'amber',
  pending: 'gray',
  passed: 'petrol',
  failed: 'red',
  cancelled: 'gray',
} as const

export function StateBadge({ state }: { state: Run['state'] | CaseResult['state'] }) {
  const { t } = useTranslation('agents')
  const Sign = state === 'passed' ? IconCheck : state === 'failed' ? IconX : null
  return (
    <Badge color={COLOURS[state]} leftSection={Sign && <Sign size={12} aria-hidden />}>
      {t(`suites.state.${state}`)}
    </Badge>
  )
}
