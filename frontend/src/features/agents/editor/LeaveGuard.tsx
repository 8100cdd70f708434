/** Asks before a page with unsaved changes is left. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Draft } from './useDraft'

export function LeaveGuard({ draft }: { draft: Draft }) {
  const { t } = useTranslation('agents')
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => draft.dirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => draft.dirty,
    withResolver: true,
  })
  if (blocker.status !== 'blocked') return null
  const saveAndGo = async () => {
    if (await draft.save()) blocker.proceed()
    else blocker.reset()
  }
  return (
    <Modal opened onClose={blocker.reset} title={t('leaveTitle')}>
      <Stack>
        <Text size="sm">{t('leaveText', { name: draft.form.values.name })}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={blocker.reset}>
            {t('stay')}
          </Button>
          <Button variant="default" onClick={blocker.proceed}>
            {t('leaveAnyway')}
          </Button>
          <Button loading={draft.busy} onClick={() => void saveAndGo()}>
            {t('saveAndLeave')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
