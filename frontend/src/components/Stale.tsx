/** Somebody else has saved what is in a form since it was opened here. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Newer } from '@/api/problem'
import { exactTime } from './format'

interface StaleProps {
  newer: Newer
  /** Saves over what they saved. */
  onKeep: () => void
  onReload: () => void
}

export function Stale({ newer, onKeep, onReload }: StaleProps) {
  const { t } = useTranslation('common')
  return (
    <Alert color="amber" icon={<IconUsers size={18} />} title={t('staleTitle')} role="alert">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          {t('staleText', { who: newer.by || t('somebody'), at: newer.at && exactTime(newer.at) })}
        </Text>
        <Group gap="xs">
          <Button size="xs" onClick={onKeep}>
            {t('keepMine')}
          </Button>
          <Button size="xs" variant="default" onClick={onReload}>
            {t('loadTheirs')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
