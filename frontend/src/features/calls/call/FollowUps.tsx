/** What the agent promised and sent: calls back, text messages. */
import { Anchor, Badge, Button, Group, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { CallEvent } from '@/api/live'
import type { components } from '@/api/schema'
import { May, useTenant } from '@/api/session'
import { done, failed } from '@/components/forms'
import { exactTime, Phone } from '@/components/format'
import classes from './beside.module.css'
import { Section } from './Section'
import type { CallDetail } from './useCall'

type Callback = components['schemas']['Callback']
type Message = components['schemas']['TextMessage']

const KINDS = new Set(['schedule_callback', 'send_sms'])

/** Only asked for when a tool of the call makes them. */
export function FollowUps({ call, events }: { call: CallDetail; events: readonly CallEvent[] }) {
  const { t } = useTranslation('calls')
  const enabled = events.some(({ event }) => event.type === 'tool' && KINDS.has(event.kind ?? ''))
  const params = { query: { call: call.id } }
  const callbacks = $api.useQuery('get', '/api/v1/callbacks', { params }, { enabled })
  const messages = $api.useQuery('get', '/api/v1/messages', { params }, { enabled })
  const calls = callbacks.data?.results ?? []
  const texts = messages.data?.results ?? []
  if (calls.length + texts.length === 0) return null
  return (
    <Section title={t('followUps')}>
      {calls.map((one) => (
        <OneCallback key={one.id} callback={one} />
      ))}
      {texts.map((one) => (
        <OneMessage key={one.id} message={one} />
      ))}
    </Section>
  )
}

const COLORS = {
  waiting: 'amber',
  taken: 'petrol',
  placed: 'petrol',
  cancelled: 'gray',
  failed: 'red',
  queued: 'amber',
  sent: 'petrol',
} as const

function OneCallback({ callback }: { callback: Callback }) {
  const { t } = useTranslation('calls')
  const { path } = useTenant()
  const { at, to_number, note, state, placed_call, problem } = callback
  return (
    <div className={classes.attempt}>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {t('callbackAt', { time: exactTime(at) })}
        </Text>
        <Phone number={to_number} />
        <Badge color={COLORS[state]}>{t(`followUp_${state}`)}</Badge>
        {placed_call && (
          <Anchor component={Link} to={path(`calls/${placed_call}`)} size="sm">
            {t('callbackCall')}
          </Anchor>
        )}
        {state === 'waiting' && (
          <May permission="calls.place">
            <Cancel id={callback.id} />
          </May>
        )}
      </Group>
      <Notes text={note} problem={problem} />
    </div>
  )
}

function Cancel({ id }: { id: string }) {
  const { t } = useTranslation('calls')
  const queries = useQueryClient()
  const cancel = $api.useMutation('delete', '/api/v1/callbacks/{id}', {
    onSuccess: () => done(t('callbackCancelled')),
    onError: failed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/api/v1/callbacks'] }),
  })
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={cancel.isPending}
      onClick={() => cancel.mutate({ params: { path: { id } } })}
    >
      {t('callbackCancel')}
    </Button>
  )
}

function OneMessage({ message: { to_number, text, state, problem } }: { message: Message }) {
  const { t } = useTranslation('calls')
  return (
    <div className={classes.attempt}>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {t('messageTo')}
        </Text>
        <Phone number={to_number} />
        <Badge color={COLORS[state]}>{t(`followUp_${state}`)}</Badge>
      </Group>
      <Notes text={text} problem={problem} />
    </div>
  )
}

function Notes({ text, problem }: { text: string; problem: string }) {
  return (
    <>
      {text && (
        <Text size="sm" mt={4}>
          {text}
        </Text>
      )}
      {problem && (
        <Text size="sm" mt={4} c="var(--mantine-color-error)">
          {problem}
        </Text>
      )}
    </>
  )
}
