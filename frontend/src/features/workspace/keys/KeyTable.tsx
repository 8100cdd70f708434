import { ActionIcon, Badge, Menu, Table, Text, Tooltip, VisuallyHidden } from '@mantine/core'
import { IconBan, IconDots, IconPencil, IconRefresh } from '@tabler/icons-react'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import { May } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Time } from '@/components/format'
import { stateOf } from '../scopes'
import { RenameKey, RotateKey } from './dialogs'
import { useKeysChanged } from './useKeysChanged'

export type ApiKey = components['schemas']['ApiKey']

export function KeyTable({ keys }: { keys: ApiKey[] }) {
  const { t } = useTranslation('workspace')
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('name')}</Table.Th>
          <Table.Th>{t('keyMode')}</Table.Th>
          <Table.Th visibleFrom="lg">{t('keyScopes')}</Table.Th>
          <Table.Th visibleFrom="md">{t('keyLastUsed')}</Table.Th>
          <Table.Th visibleFrom="lg">{t('keyCreatedBy')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('keyState')}</Table.Th>
          <Table.Th>
            <VisuallyHidden>{t('actions')}</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {keys.map((key) => (
          <KeyRow key={key.id} apiKey={key} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function KeyRow({ apiKey: key }: { apiKey: ApiKey }) {
  const { t } = useTranslation('workspace')
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
          {key.name}
        </Text>
        <Text size="xs" c="dimmed" className="tl-mono">
          {`${key.prefix}…`}
        </Text>
      </Table.Td>
      <Table.Td>
        <Badge color={key.mode === 'live' ? 'petrol' : 'gray'}>
          {key.mode === 'live' ? t('keyLive') : t('keyTest')}
        </Badge>
      </Table.Td>
      <Table.Td visibleFrom="lg">
        <Tooltip
          label={key.scopes.join(', ')}
          multiline
          maw={320}
          events={{ hover: true, focus: true, touch: true }}
        >
          {/* Reached by the keyboard too: the list is nowhere else. */}
          <Text size="sm" component="span" tabIndex={0}>
            {key.scopes.length <= 2
              ? key.scopes.join(', ')
              : t('keyScopeCount', { count: key.scopes.length })}
          </Text>
        </Tooltip>
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Time at={key.last_used_at} />
      </Table.Td>
      <Table.Td visibleFrom="lg">{key.created_by}</Table.Td>
      <Table.Td visibleFrom="sm">
        <KeyState apiKey={key} />
      </Table.Td>
      <Table.Td w={44}>
        <May permission="keys.write">
          <KeyMenu apiKey={key} />
        </May>
      </Table.Td>
    </Table.Tr>
  )
}

function KeyState({ apiKey: key }: { apiKey: ApiKey }) {
  const { t } = useTranslation('workspace')
  const state = stateOf(key)
  if (state === 'revoked') return <Badge color="red">{t('keyRevoked')}</Badge>
  if (state === 'expired') return <Badge color="amber">{t('keyExpired')}</Badge>
  return (
    <>
      <Badge>{t('keyActive')}</Badge>
      {key.expires_at && (
        <Text size="xs" c="dimmed">
          {t('keyExpiresAt', { at: dayjs(key.expires_at).format('D MMM YYYY') })}
        </Text>
      )}
    </>
  )
}

function KeyMenu({ apiKey: key }: { apiKey: ApiKey }) {
  const { t } = useTranslation('workspace')
  const changed = useKeysChanged()
  const [dialog, setDialog] = useState<'rename' | 'rotate'>()
  const { name } = key
  const revoke = $api.useMutation('delete', '/api/v1/api-keys/{id}', {
    onSuccess: async () => {
      await changed()
      done(t('keyRevokedDone', { name }))
    },
    onError: failed,
  })
  const active = stateOf(key) === 'active'
  const close = () => setDialog(undefined)
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('keyMenu', { name })}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setDialog('rename')}>
            {t('keyRename')}
          </Menu.Item>
          {active && (
            <>
              <Menu.Item leftSection={<IconRefresh size={15} />} onClick={() => setDialog('rotate')}>
                {t('keyRotate')}
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<IconBan size={15} />}
                onClick={() =>
                  confirmDanger({
                    title: t('keyRevokeTitle', { name }),
                    text: t('keyRevokeText'),
                    confirm: t('keyRevoke'),
                    cancel: t('cancel'),
                    onConfirm: () => revoke.mutate({ params: { path: { id: key.id } } }),
                  })
                }
              >
                {t('keyRevoke')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <RenameKey apiKey={key} opened={dialog === 'rename'} onClose={close} />
      <RotateKey apiKey={key} opened={dialog === 'rotate'} onClose={close} />
    </>
  )
}
