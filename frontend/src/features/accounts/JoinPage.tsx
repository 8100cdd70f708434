import { Alert, Button, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts, logOut, type SessionData } from '@/api/accounts'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { FormProblem, failed } from '@/components/forms'
import { exactTime } from '@/components/format'
import { Failed, Loading } from '@/components/states'
import { Entrance } from './Entrance'
import { entrance } from './next'

type Invitation = components['schemas']['Join']

export function JoinPage() {
  const { t } = useTranslation('accounts')
  const { token } = useParams({ strict: false }) as { token: string }
  const invitation = $api.useQuery('get', '/api/v1/join/{token}', { params: { path: { token } } })
  const session = useQuery({
    queryKey: ['accounts', 'session', 'person'],
    queryFn: async () => (await accounts<SessionData>('GET', 'auth/session')).data.user ?? null,
  })
  const query = invitation.isError ? invitation : session
  if (invitation.isError && asProblem(invitation.error).status === 404)
    return <Gone text={t('joinUnknown')} />
  if (query.isError)
    return (
      <Entrance title={t('joinGone')}>
        <Failed error={query.error} retry={() => void query.refetch()} />
      </Entrance>
    )
  if (!invitation.data || session.data === undefined)
    return (
      <Entrance title={t('join')}>
        <Loading rows={3} />
      </Entrance>
    )
  const { state } = invitation.data
  if (state === 'accepted') return <Gone text={t('joinAccepted')} />
  if (state === 'expired') return <Gone text={t('joinExpired')} />
  if (state === 'revoked') return <Gone text={t('joinRevoked')} />
  return <Open token={token} invitation={invitation.data} person={session.data?.email ?? null} />
}

function Gone({ text }: { text: string }) {
  const { t } = useTranslation('accounts')
  return (
    <Entrance title={t('joinGone')} lead={text}>
      <Button component={Link} to="/">
        {t('toFront')}
      </Button>
    </Entrance>
  )
}

interface OpenProps {
  token: string
  invitation: Invitation
  /** E-mail of who is logged in. */
  person: string | null
}

function Open({ token, invitation, person }: OpenProps) {
  const { t } = useTranslation('accounts')
  const { tenant_name: tenant, email, role, invited_by: who, expires_at } = invitation
  return (
    <Entrance
      title={t('joinTitle', { tenant })}
      lead={
        who
          ? t('joinInvited', { who, email, tenant, role })
          : t('joinInvitedByNobody', { email, tenant, role })
      }
    >
      <Text size="sm" c="dimmed">
        {t('joinExpires', { at: exactTime(expires_at) })}
      </Text>
      {person ? (
        <Accept token={token} invited={email} person={person} />
      ) : (
        <Stack gap="xs">
          <Button component={Link} {...entrance('/signup', { next: `/join/${token}`, email })}>
            {t('joinSignup')}
          </Button>
          <Button
            variant="default"
            component={Link}
            {...entrance('/login', { next: `/join/${token}`, email })}
          >
            {t('joinLogin')}
          </Button>
        </Stack>
      )}
    </Entrance>
  )
}

function Accept({ token, invited, person }: { token: string; invited: string; person: string }) {
  const { t } = useTranslation('accounts')
  const [problem, setProblem] = useState<string | null>(null)
  const accept = $api.useMutation('post', '/api/v1/join/{token}', {
    onSuccess: ({ tenant }) => window.location.assign(`/t/${tenant.slug}`),
    onError: (error: unknown) => setProblem(asProblem(error).detail),
  })
  const changeOver = () =>
    logOut().then(
      () =>
        window.location.assign(`/login?${new URLSearchParams({ next: `/join/${token}`, email: invited })}`),
      failed,
    )
  const other = invited.toLowerCase() !== person.toLowerCase()
  return (
    <Stack gap="xs">
      <FormProblem text={problem} />
      {other && <Alert color="amber">{t('joinOther', { email: person, invited })}</Alert>}
      {other && <Button onClick={() => void changeOver()}>{t('joinSwitch', { invited })}</Button>}
      <Button
        variant={other ? 'default' : 'filled'}
        loading={accept.isPending}
        onClick={() => {
          setProblem(null)
          accept.mutate({ params: { path: { token } } })
        }}
      >
        {t('join')}
      </Button>
    </Stack>
  )
}
