/** Where an item of a list is edited. It is part of the draft all the time: closing it keeps everything. */
import { Button, Drawer, Group, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

interface ItemDrawerProps {
  title: string
  opened: boolean
  onClose: () => void
  children: ReactNode
}

export function ItemDrawer({ title, opened, onClose, children }: ItemDrawerProps) {
  const { t } = useTranslation('agents')
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size={680} title={title}>
      <Stack gap="lg" pb="md">
        {children}
        <Group justify="space-between">
          <Text size="xs" c="dimmed">
            {t('toolFinishedHelp')}
          </Text>
          <Button variant="default" onClick={onClose}>
            {t('toolFinished')}
          </Button>
        </Group>
      </Stack>
    </Drawer>
  )
}
