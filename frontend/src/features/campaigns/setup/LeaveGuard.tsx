/** Stores what is typed before the wizard is left, and asks when that cannot be. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Setup } from './useSetup'

export function LeaveGuard({ setup }: { setup: Setup }) {
  const { t } = useTranslation('campaigns')
  const open = setup.saving !== 'saved'
  const blocker = useBlocker({
    shouldBlockFn: async ({ current, next }) =>
      open && current.pathname !== next.pathname && !(await setup.save()),
    enableBeforeUnload: () => open,
    withResolver: true,
  })
  if (blocker.status !== 'blocked') return null
  return (
    <Modal opened onClose={blocker.reset} title={t('leave.title')}>
      <Stack>
        <Text size="sm">{t(setup.theirs ? 'leave.conflict' : 'leave.text')}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={blocker.proceed}>
            {t('leave.go')}
          </Button>
          <Button onClick={blocker.reset}>{t('leave.stay')}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
