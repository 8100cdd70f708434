import { Badge, Box, Button, Group, Table, Text, Title, VisuallyHidden } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import { May } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Time } from '@/components/format'
import { More } from '@/components/More'
import { Failed, Loading } from '@/components/states'

type Invitation = components['schemas']['Invitation']

export function Invitations() {
  const { t } = useTranslation('workspace')
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/invitations',
    { params: { query: { limit: 200 } } },
    byCursor,
  )
  const open = (query.data?.pages.flatMap((page) => page.results) ?? []).filter(
    ({ state }) => state === 'pending' || state === 'expired',
  )
  return (
    <Box component="section">
      <Title order={2} size="h3" mb="xs">
        {t('invitations')}
      </Title>
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Loading rows={2} />}
      {query.isSuccess && open.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('invitationsNone')}
        </Text>
      )}
      {open.length > 0 && (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('email')}</Table.Th>
              <Table.Th visibleFrom="xs">{t('role')}</Table.Th>
              <Table.Th visibleFrom="md">{t('invitationBy')}</Table.Th>
              <Table.Th visibleFrom="sm">{t('invitationExpires')}</Table.Th>
              <Table.Th>
                <VisuallyHidden>{t('actions')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {open.map((invitation) => (
              <InvitationRow key={invitation.id} invitation={invitation} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <More query={query} />
    </Box>
  )
}

function InvitationRow({ invitation }: { invitation: Invitation }) {
  const { t } = useTranslation('workspace')
  const client = useQueryClient()
  const { id, email, role, state } = invitation
  const refresh = () => client.invalidateQueries({ queryKey: ['get', '/api/v1/invitations'] })
  const resend = $api.useMutation('post', '/api/v1/invitations/{id}/resend', {
    onSuccess: async () => {
      await refresh()
      done(t('resent', { email }))
    },
    onError: failed,
  })
  const revoke = $api.useMutation('delete', '/api/v1/invitations/{id}', {
    onSuccess: async () => {
      await refresh()
      done(t('invitationRevoked', { email }))
    },
    onError: failed,
  })
  const params = { path: { id } }
  const ask = () =>
    confirmDanger({
      title: t('revokeInvitationTitle', { email }),
      text: t('revokeInvitationText'),
      confirm: t('revokeInvitation'),
      cancel: t('cancel'),
      onConfirm: () => revoke.mutate({ params }),
    })
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        {email}
        <Text size="xs" c="dimmed" hiddenFrom="xs">
          {t(`roles.${role}`)}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="xs">{t(`roles.${role}`)}</Table.Td>
      <Table.Td visibleFrom="md">{invitation.invited_by}</Table.Td>
      <Table.Td visibleFrom="sm">
        {state === 'expired' ? (
          <Badge color="amber">{t('invitationExpired')}</Badge>
        ) : (
          <Time at={invitation.expires_at} />
        )}
      </Table.Td>
      <Table.Td>
        <May permission="team.write">
          <Group gap={4} justify="flex-end">
            <Button
              size="compact-sm"
              variant="subtle"
              aria-label={t('resendTo', { email })}
              loading={resend.isPending}
              onClick={() => resend.mutate({ params })}
            >
              {t('resend')}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              color="red"
              aria-label={t('revokeInvitationOf', { email })}
              loading={revoke.isPending}
              onClick={ask}
            >
              {t('revokeInvitation')}
            </Button>
          </Group>
        </May>
      </Table.Td>
    </Table.Tr>
  )
}
