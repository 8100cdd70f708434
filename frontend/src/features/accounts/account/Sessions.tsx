import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { IconDeviceDesktop } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { accounts } from '@/api/accounts'
import { done, failed } from '@/components/forms'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { agentOf } from './agents'
import { type Session, sessionsQuery } from './requests'
import { minute } from './times'

export function Sessions() {
  const { t } = useTranslation('accounts')
  const client = useQueryClient()
  const query = useQuery(sessionsQuery)
  const end = useMutation({
    mutationFn: (sessions: number[]) => accounts<Session[]>('DELETE', 'auth/sessions', { sessions }),
    onSuccess: ({ data }, sessions) => {
      client.setQueryData(sessionsQuery.queryKey, data)
      done(t('sessionEnded', { count: sessions.length }))
    },
    onError: failed,
  })
  return (
    <Section title={t('sessionsTitle')} text={t('sessionsText')}>
      <Loaded query={query} rows={2}>
        {(sessions) => {
          const others = sessions.filter((session) => !session.is_current).map(({ id }) => id)
          return (
            <Stack gap="sm" align="flex-start">
              {sessions.map((session) => (
                <SessionRow key={session.id} session={session} onEnd={() => end.mutate([session.id])} />
              ))}
              {others.length > 1 && (
                <Button variant="default" loading={end.isPending} onClick={() => end.mutate(others)}>
                  {t('sessionEndAll')}
                </Button>
              )}
            </Stack>
          )
        }}
      </Loaded>
    </Section>
  )
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const { t } = useTranslation('accounts')
  const known = agentOf(session.user_agent)
  const agent = known ? t('browserOn', known) : session.user_agent || t('unknownBrowser')
  return (
    <Group gap="sm" wrap="nowrap" w="100%">
      <IconDeviceDesktop size={18} aria-hidden />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs">
          <Text size="sm" fw={500} truncate>
            {agent}
          </Text>
          {session.is_current && <Badge>{t('sessionHere')}</Badge>}
        </Group>
        <Text size="xs" c="dimmed">
          <span className="tl-mono">{session.ip}</span>{' '}
          {t('sessionSince', { at: minute(session.created_at) })}
        </Text>
      </div>
      {!session.is_current && (
        <Button size="xs" variant="default" aria-label={t('sessionEndOf', { agent })} onClick={onEnd}>
          {t('sessionEnd')}
        </Button>
      )}
    </Group>
  )
}
