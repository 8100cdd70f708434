/** What the workspace's own servers were told of this call, and whether they took it. */
import { Anchor, Badge, Group, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { paths } from '@/api/schema'
import { useTenant } from '@/api/session'
import { Time } from '@/components/format'
import { Failed } from '@/components/states'
import { Section } from '../call/Section'
import type { CallDetail } from '../call/useCall'
import classes from './after.module.css'

type Events = paths['/api/v1/webhooks/events']['get']['responses'][200]['content']['application/json']
type Event = Events['results'][number]

const POLL_MS = 5_000
const COLORS = { pending: 'amber', delivered: 'petrol', dead: 'red' } as const

/** Nothing where nobody listens. */
export function WebhookEvents({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  const { may } = useTenant()
  const query = $api.useQuery(
    'get',
    '/api/v1/webhooks/events',
    { params: { query: { key: call.id, limit: 100 } } },
    {
      enabled: may('webhooks.read'),
      refetchInterval: ({ state }) => (state.data?.results.some(onItsWay) ? POLL_MS : false),
    },
  )
  const events = [...(query.data?.results ?? [])].sort((a, b) => a.sequence - b.sequence)
  if (query.isError)
    return (
      <Section title={t('after.webhooks')}>
        <Failed error={query.error} retry={() => void query.refetch()} />
      </Section>
    )
  if (events.length === 0) return null
  return (
    <Section title={t('after.webhooks')}>
      <ol className={classes.events}>
        {events.map((event) => (
          <li key={event.id}>
            <OneEvent event={event} />
          </li>
        ))}
      </ol>
    </Section>
  )
}

const onItsWay = ({ deliveries }: Event) => deliveries.some(({ state }) => state === 'pending')

function OneEvent({ event: { type, at, deliveries } }: { event: Event }) {
  const { t } = useTranslation('calls')
  const { path } = useTenant()
  return (
    <>
      <Group gap="xs" justify="space-between">
        <Text span size="sm" className="tl-mono">
          {type}
        </Text>
        <Text span size="xs" c="dimmed">
          <Time at={at} />
        </Text>
      </Group>
      {deliveries.map(({ id, endpoint, url, state, attempts, problem }) => (
        <Group key={id} gap={6} wrap="nowrap">
          <Badge size="sm" color={COLORS[state]}>
            {t(`after.delivery_${state}`)}
          </Badge>
          <Anchor component={Link} to={path(`webhooks/${endpoint}`)} size="xs" truncate>
            {url}
          </Anchor>
          {state !== 'delivered' && (
            <Text span size="xs" c="dimmed" truncate title={problem}>
              {t('after.deliveryTried', { count: attempts })} {problem}
            </Text>
          )}
        </Group>
      ))}
    </>
  )
}
