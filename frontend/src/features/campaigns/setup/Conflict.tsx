/** Somebody else has stored the draft since it was opened here. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Setup } from './useSetup'

export function Conflict({ setup: { theirs, takeTheirs, keepMine, saving } }: { setup: Setup }) {
  const { t } = useTranslation('campaigns')
  if (!theirs) return null
  return (
    <Alert color="amber" icon={<IconUsers size={18} />} title={t('conflict.title')} role="alert">
      <Stack gap="sm">
        <Text size="sm">{t('conflict.text', { who: theirs.by || t('conflict.somebody') })}</Text>
        <Group gap="xs">
          <Button size="xs" loading={saving === 'saving'} onClick={() => void keepMine()}>
            {t('conflict.mine')}
          </Button>
          <Button size="xs" variant="default" onClick={takeTheirs}>
            {t('conflict.theirs')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
