/** The live wall: the calls that run, as they are spoken. */
import { Alert, Button, Group, Text } from '@mantine/core'
import { IconBroadcast, IconEar, IconPlugConnectedX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLiveCalls } from '@/api/live'
import { Page } from '@/components/Page'
import { PlaceCall } from '@/components/place/PlaceCall'
import { Empty, Loading } from '@/components/states'
import { LiveCard } from './LiveCard'
import { useListen } from './listen'
import classes from './wall.module.css'

export function LivePage() {
  const { t } = useTranslation('calls')
  const { calls, known, status } = useLiveCalls()
  const [heard, hear] = useState<string | null>(null)
  const running = calls.filter(({ state }) => state !== 'ended')
  const audible = running.some(({ id }) => id === heard) ? heard : null
  const listening = useListen(audible)
  return (
    <Page title={t('liveTitle')} lead={t('liveLead')} actions={<PlaceCall />}>
      {status === 'waiting' && (
        <Alert color="amber" icon={<IconPlugConnectedX size={18} />} role="alert">
          {t('liveLost')}
        </Alert>
      )}
      {listening === 'on' && (
        <Alert icon={<IconEar size={18} />} role="status" pos="sticky" top={8} style={{ zIndex: 2 }}>
          <Group justify="space-between">
            <Text size="sm">{t('listening')}</Text>
            <Button size="xs" variant="default" onClick={() => hear(null)}>
              {t('listenStop')}
            </Button>
          </Group>
        </Alert>
      )}
      {listening === 'failed' && (
        <Alert color="red" role="alert" withCloseButton onClose={() => hear(null)}>
          {t('listenFailed')}
        </Alert>
      )}
      <Text size="sm" c="dimmed" aria-live="polite">
        {known && calls.length > 0 && t('liveCount', { count: running.length })}
      </Text>
      {!known && <Loading rows={4} />}
      {known && calls.length === 0 && (
        <Empty
          icon={IconBroadcast}
          title={t('liveEmptyTitle')}
          text={t('liveEmptyText')}
          action={<PlaceCall />}
        />
      )}
      <ul className={classes.grid}>
        {calls.map((call) => (
          <LiveCard
            key={call.id}
            live={call}
            listening={call.id === audible && listening === 'on'}
            onListen={() => hear(call.id === audible ? null : call.id)}
          />
        ))}
      </ul>
    </Page>
  )
}
