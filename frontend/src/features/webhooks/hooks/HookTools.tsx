/** What can be done with a hook that is set up: try it, change its secret, delete it. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle, IconFlask, IconRefresh, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Time } from '@/components/format'
import { type CallHook, useWebhooksChanged } from '../data'
import { RotateSecret } from '../secret/RotateSecret'
import { Answer } from './Answer'

export function HookTools({ hook, onGone }: { hook: CallHook; onGone: () => void }) {
  const { t } = useTranslation(['webhooks', 'common'])
  const changed = useWebhooksChanged()
  const [rotating, rotate] = useDisclosure()
  const params = { path: { moment: hook.moment } }
  const trying = $api.useMutation('post', '/api/v1/call-hooks/{moment}/test', {
    onSettled: changed,
    onError: failed,
  })
  const remove = $api.useMutation('delete', '/api/v1/call-hooks/{moment}', {
    onSuccess: async () => {
      onGone()
      await changed()
      done(t('hookDeleted'))
    },
    onError: failed,
  })
  const ask = () =>
    confirmDanger({
      title: t('hookDeleteTitle'),
      text: t(`hookDeleteText.${hook.moment}`),
      confirm: t('delete'),
      cancel: t('common:cancel'),
      onConfirm: () => remove.mutate({ params }),
    })
  return (
    <Stack gap="sm">
      {hook.trouble && (
        <Alert color="amber" icon={<IconAlertTriangle size={18} />} title={t('troubleTitle')}>
          {hook.trouble}{' '}
          <Text span inherit c="dimmed">
            <Time at={hook.trouble_at} />
          </Text>
        </Alert>
      )}
      <May permission="webhooks.write">
        <Group gap="xs">
          <Button
            leftSection={<IconFlask size={16} />}
            loading={trying.isPending}
            onClick={() => trying.mutate({ params })}
          >
            {t('tryIt')}
          </Button>
          <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={rotate.open}>
            {t('rotateTitle')}
          </Button>
          <Button variant="default" leftSection={<IconTrash size={16} />} onClick={ask}>
            {t('delete')}
          </Button>
        </Group>
      </May>
      {trying.data && !trying.isPending && <Answer answer={trying.data} />}
      <RotateSecret of={{ hook: hook.moment }} opened={rotating} onClose={rotate.close} />
    </Stack>
  )
}
