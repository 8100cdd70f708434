/** How much of a campaign is over: contacts that are done or set aside. */
import { Group, Progress, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { count } from '@/components/format'
import type { Progress as Counts } from './types'
import classes from './shared.module.css'

export function Meter({ progress }: { progress: Counts }) {
  const { t } = useTranslation('campaigns')
  const { contacts } = progress
  if (contacts === 0)
    return (
      <Text span size="sm" c="dimmed">
        {t('noContacts')}
      </Text>
    )
  const over = progress.done + progress.set_aside
  return (
    <Group gap="xs" wrap="nowrap">
      <Progress
        className={classes.meter}
        flex={1}
        value={(100 * over) / contacts}
        aria-label={t('meter', { over: count(over), contacts: count(contacts) })}
      />
      <Text span size="sm" className="tl-mono" style={{ whiteSpace: 'nowrap' }}>
        {t('meterShort', { over: count(over), contacts: count(contacts) })}
      </Text>
    </Group>
  )
}
