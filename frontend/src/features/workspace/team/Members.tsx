import { ActionIcon, Badge, Group, Menu, Select, Table, Text, VisuallyHidden } from '@mantine/core'
import { IconCrown, IconDots, IconDoorExit, IconUserMinus } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import { meQuery, useMe, useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Time } from '@/components/format'
import { More } from '@/components/More'
import { Failed, Loading } from '@/components/states'
import { grantable, type Rights, rightsOver, type Role } from '../roles'

type Member = components['schemas']['Member']

export function Members() {
  const { t } = useTranslation('workspace')
  const { role, may } = useTenant()
  const { data: me } = useMe()
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/members',
    { params: { query: { limit: 200 } } },
    byCursor,
  )
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />
  if (query.isPending || !me) return <Loading />
  const members = query.data.pages.flatMap((page) => page.results)
  const owners = members.filter((member) => member.role === 'owner').length
  const myself = { id: me.user.id, role, writesTeam: may('team.write') }
  return (
    <>
      <Table.ScrollContainer minWidth={0}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('name')}</Table.Th>
              <Table.Th>{t('role')}</Table.Th>
              <Table.Th visibleFrom="md">{t('mfa')}</Table.Th>
              <Table.Th visibleFrom="sm">{t('lastLogin')}</Table.Th>
              <Table.Th>
                <VisuallyHidden>{t('actions')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {members.map((member) => (
              <MemberRow
                key={member.id}
                member={member}
                self={member.user.id === me.user.id}
                rights={rightsOver(member, myself, owners)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <More query={query} />
    </>
  )
}

interface MemberRowProps {
  member: Member
  self: boolean
  rights: Rights
}

function MemberRow({ member, self, rights }: MemberRowProps) {
  const { t } = useTranslation('workspace')
  const name = member.user.full_name || member.user.email
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6}>
          <Text size="sm" fw={500}>
            {name}
          </Text>
          {self && (
            <Badge size="sm" color="gray">
              {t('you')}
            </Badge>
          )}
        </Group>
        {member.user.full_name && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {member.user.email}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <RoleOf member={member} name={name} changeable={rights.changeRole} />
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Badge color={member.mfa_enabled ? 'petrol' : 'gray'}>
          {member.mfa_enabled ? t('mfaOn') : t('mfaOff')}
        </Badge>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={member.last_login} />
      </Table.Td>
      <Table.Td w={44}>
        <MemberMenu member={member} name={name} rights={rights} />
      </Table.Td>
    </Table.Tr>
  )
}

/** Queries that a change of the team touches: one's own permissions too. */
function useTeamChanged() {
  const client = useQueryClient()
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['get', '/api/v1/members'] }),
      client.invalidateQueries({ queryKey: ['get', '/api/v1/invitations'] }),
      client.invalidateQueries(meQuery()),
    ])
}

function RoleOf({ member, name, changeable }: { member: Member; name: string; changeable: boolean }) {
  const { t } = useTranslation('workspace')
  const { role: own } = useTenant()
  const changed = useTeamChanged()
  const change = $api.useMutation('patch', '/api/v1/members/{id}', {
    onSuccess: async ({ role }) => {
      await changed()
      done(t('roleChanged', { name, role: t(`roles.${role}`) }))
    },
    onError: failed,
  })
  if (!changeable) return <Text size="sm">{t(`roles.${member.role}`)}</Text>
  return (
    <Select
      aria-label={t('roleOf', { name })}
      size="xs"
      w={130}
      allowDeselect={false}
      value={(change.isPending && change.variables.body?.role) || member.role}
      disabled={change.isPending}
      data={grantable(own).map((role) => ({ value: role, label: t(`roles.${role}`) }))}
      onChange={(role) =>
        role && change.mutate({ params: { path: { id: member.id } }, body: { role: role as Role } })
      }
    />
  )
}

function MemberMenu({ member, name, rights }: { member: Member; name: string; rights: Rights }) {
  const { t } = useTranslation('workspace')
  const { tenant } = useTenant()
  const changed = useTeamChanged()
  const remove = $api.useMutation('delete', '/api/v1/members/{id}', {
    onSuccess: () => {
      // Whoever has left has no page here any more.
      if (rights.leave) return window.location.assign('/')
      done(t('memberRemoved', { name }))
      return changed()
    },
    onError: failed,
  })
  const transfer = $api.useMutation('post', '/api/v1/tenant/transfer', {
    onSuccess: async () => {
      await changed()
      done(t('transferred', { name }))
    },
    onError: failed,
  })
  if (!rights.remove && !rights.leave && !rights.becomeOwner) return null
  const gone = () => remove.mutate({ params: { path: { id: member.id } } })
  const cancel = t('cancel')
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('memberMenu', { name })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {rights.becomeOwner && (
          <Menu.Item
            leftSection={<IconCrown size={15} />}
            onClick={() =>
              confirmDanger({
                title: t('transferTitle', { name }),
                text: t('transferText', { name, tenant: tenant.name }),
                confirm: t('transfer'),
                cancel,
                onConfirm: () => transfer.mutate({ body: { member: member.id } }),
              })
            }
          >
            {t('transfer')}
          </Menu.Item>
        )}
        {rights.remove && (
          <Menu.Item
            color="red"
            leftSection={<IconUserMinus size={15} />}
            onClick={() =>
              confirmDanger({
                title: t('memberRemoveTitle', { name }),
                text: t('memberRemoveText', { name }),
                confirm: t('memberRemove'),
                cancel,
                onConfirm: gone,
              })
            }
          >
            {t('memberRemove')}
          </Menu.Item>
        )}
        {rights.leave && (
          <Menu.Item
            color="red"
            leftSection={<IconDoorExit size={15} />}
            onClick={() =>
              confirmDanger({
                title: t('leaveTitle', { tenant: tenant.name }),
                text: t('leaveText'),
                confirm: t('leave'),
                cancel,
                onConfirm: gone,
              })
            }
          >
            {t('leave')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
