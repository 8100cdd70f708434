/** Who has a hand in the call beside its agent. */
import { Badge, Group } from '@mantine/core'
import { IconMicrophone, IconVolumeOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { CallItem } from '@/api/live'

export function WhoControls({ call, mine }: { call: CallItem; mine: boolean }) {
  const { t } = useTranslation('calls')
  const other = call.taken_over_by && !mine ? call.taken_over_by : null
  if (!call.muted && !other) return null
  return (
    <Group gap="xs" role="status">
      {other && (
        <Badge color="amber" tt="none" leftSection={<IconMicrophone size={12} aria-hidden />}>
          {t('control.takenBy', { who: other })}
        </Badge>
      )}
      {call.muted && (
        <Badge color="gray" tt="none" leftSection={<IconVolumeOff size={12} aria-hidden />}>
          {t('control.silenced')}
        </Badge>
      )}
    </Group>
  )
}
