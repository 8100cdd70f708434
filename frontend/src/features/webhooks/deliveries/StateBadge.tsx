import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { State } from './filters'

const COLORS: Record<State, string> = { pending: 'amber', delivered: 'petrol', dead: 'red' }

export function StateBadge({ state }: { state: State }) {
  const { t } = useTranslation('webhooks')
  return (
    // In a narrow column the word stays whole.
    <Badge color={COLORS[state]} miw="max-content">
      {t(`state.${state}`)}
    </Badge>
  )
}
