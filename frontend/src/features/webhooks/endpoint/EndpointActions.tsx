/** What can be done to an endpoint as a whole. */
import { ActionIcon, Button, Menu } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDots, IconPlayerPause, IconRotateClockwise, IconSend, IconTrash } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May, useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { type Endpoint, useWebhooksChanged } from '../data'
import { ReplayRange } from '../deliveries/ReplayRange'
import { shortAddress } from '../words'
import { SendTest } from './SendTest'

export function EndpointActions({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation('webhooks')
  const [testing, test] = useDisclosure()
  const [replaying, replay] = useDisclosure()
  const active = endpoint.state === 'active'
  return (
    <May permission="webhooks.write">
      <Button leftSection={<IconSend size={16} />} onClick={test.open} disabled={!active}>
        {t('test')}
      </Button>
      <MoreMenu endpoint={endpoint} onReplay={replay.open} />
      <SendTest endpoint={endpoint} opened={testing} onClose={test.close} />
      <ReplayRange endpoint={endpoint} opened={replaying} onClose={replay.close} />
    </May>
  )
}

function MoreMenu({ endpoint, onReplay }: { endpoint: Endpoint; onReplay: () => void }) {
  const { t } = useTranslation(['webhooks', 'common'])
  const active = endpoint.state === 'active'
  const { disable, remove } = useEndings(endpoint)
  const params = { path: { id: endpoint.id } }
  const ask = () =>
    confirmDanger({
      title: t('deleteTitle', { url: shortAddress(endpoint.url) }),
      text: t('deleteText'),
      confirm: t('delete'),
      cancel: t('common:cancel'),
      onConfirm: () => remove.mutate({ params }),
    })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t('more')}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconRotateClockwise size={15} />} onClick={onReplay} disabled={!active}>
          {t('replayRange')}
        </Menu.Item>
        {active && (
          <Menu.Item leftSection={<IconPlayerPause size={15} />} onClick={() => disable.mutate({ params })}>
            {t('disable')}
          </Menu.Item>
        )}
        <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={ask}>
          {t('delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function useEndings(endpoint: Endpoint) {
  const { t } = useTranslation('webhooks')
  const { path } = useTenant()
  const navigate = useNavigate()
  const changed = useWebhooksChanged()
  const disable = $api.useMutation('post', '/api/v1/webhooks/{id}/disable', {
    onSuccess: async () => {
      await changed()
      done(t('disabled'))
    },
    onError: failed,
  })
  const remove = $api.useMutation('delete', '/api/v1/webhooks/{id}', {
    onSuccess: async () => {
      done(t('deleted', { url: shortAddress(endpoint.url) }))
      await navigate({ to: path('webhooks') })
      await changed()
    },
    onError: failed,
  })
  return { disable, remove }
}
