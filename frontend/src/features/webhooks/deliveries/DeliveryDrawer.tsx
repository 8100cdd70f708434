/** One delivery: each request and its answer beside each other. */
import { Alert, Anchor, Button, Drawer, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconHourglass, IconRotateClockwise } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May, useTenant } from '@/api/session'
import { done, failed } from '@/components/forms'
import { exactTime, Time } from '@/components/format'
import { Loaded } from '@/components/states'
import { type DeliveryDetail, useWebhooksChanged } from '../data'
import { Exchange } from './Exchange'
import { pageOf } from './filters'
import { StateBadge } from './StateBadge'
import classes from '../webhooks.module.css'

/** While an answer is awaited. */
const SOON_MS = 1000

interface DrawerProps {
  id: string | null
  url: string
  /** Shows another one: what was sent again. */
  onOpen: (id: string) => void
  onClose: () => void
}

export function DeliveryDrawer({ id, url, onOpen, onClose }: DrawerProps) {
  const { t } = useTranslation('webhooks')
  return (
    <Drawer opened={id !== null} onClose={onClose} position="right" size={960} title={t('delivery')}>
      {id !== null && <Content key={id} id={id} url={url} onOpen={onOpen} />}
    </Drawer>
  )
}

function Content({ id, url, onOpen }: { id: string; url: string; onOpen: (id: string) => void }) {
  const query = $api.useQuery(
    'get',
    '/api/v1/webhooks/deliveries/{id}',
    { params: { path: { id } } },
    { refetchInterval: ({ state: { data } }) => (data?.state === 'pending' ? SOON_MS : false) },
  )
  return (
    <Loaded query={query} rows={8}>
      {(delivery) => (
        <Stack gap="lg" pb="md">
          <Facts delivery={delivery} onOpen={onOpen} />
          <Attempts delivery={delivery} url={url} />
        </Stack>
      )}
    </Loaded>
  )
}

function Facts({ delivery, onOpen }: { delivery: DeliveryDetail; onOpen: (id: string) => void }) {
  const { t } = useTranslation('webhooks')
  const { path } = useTenant()
  const changed = useWebhooksChanged()
  const { event } = delivery
  // What a test is about does not exist.
  const page = event.test ? null : pageOf(event.key)
  const replay = $api.useMutation('post', '/api/v1/webhooks/deliveries/{id}/replay', {
    onSuccess: async (again) => {
      done(t('replayed'))
      onOpen(again.id)
      await changed()
    },
    onError: failed,
  })
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Group gap="xs">
          <Text fw={600} className="tl-mono">
            {event.type}
          </Text>
          <StateBadge state={delivery.state} />
        </Group>
        {delivery.state !== 'pending' && (
          <May permission="webhooks.write">
            <Button
              size="xs"
              variant="default"
              leftSection={<IconRotateClockwise size={14} />}
              loading={replay.isPending}
              onClick={() => replay.mutate({ params: { path: { id: delivery.id } } })}
            >
              {t('replay')}
            </Button>
          </May>
        )}
      </Group>
      <dl className={classes.facts}>
        <div>
          <dt>{t('log.about')}</dt>
          <dd className="tl-mono">
            {page ? (
              <Anchor component={Link} to={path(page)} inherit>
                {event.key}
              </Anchor>
            ) : (
              event.key
            )}
          </dd>
        </div>
        <div>
          <dt>{t('log.place')}</dt>
          <dd className="tl-mono">{event.sequence}</dd>
        </div>
        <div>
          <dt>{t('log.id')}</dt>
          <dd className="tl-mono">{event.id}</dd>
        </div>
        <div>
          <dt>{t('log.happened')}</dt>
          <dd>{exactTime(event.at)}</dd>
        </div>
      </dl>
    </Stack>
  )
}

function Attempts({ delivery, url }: { delivery: DeliveryDetail; url: string }) {
  const { t } = useTranslation('webhooks')
  const { tries, next_at: next } = delivery
  const [chosen, choose] = useState<string>()
  const shown = tries.find(({ number }) => String(number) === chosen) ?? tries.at(-1)
  return (
    <Stack gap="md">
      {delivery.state === 'pending' && (
        <Alert icon={<IconHourglass size={18} />} color="amber" role="status">
          {tries.length === 0 ? (
            t('log.onItsWay')
          ) : (
            <>
              {t('log.willTry')} <Time at={next} />
            </>
          )}
        </Alert>
      )}
      {tries.length > 1 && (
        <SegmentedControl
          aria-label={t('log.attempts')}
          size="xs"
          style={{ alignSelf: 'flex-start', maxWidth: '100%', overflowX: 'auto' }}
          data={tries.map(({ number }) => ({ value: String(number), label: t('attempt', { number }) }))}
          value={String(shown?.number)}
          onChange={choose}
        />
      )}
      <Exchange url={url} body={delivery.body} attempt={shown} />
    </Stack>
  )
}
