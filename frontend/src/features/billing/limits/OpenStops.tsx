/** Calls out are stopped, why, and the way out; on top of everything about money. */
import { Alert, Button, Stack, Text } from '@mantine/core'
import { IconPhoneOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { exactTime } from '@/components/format'
import { type Stop, useBillingChanged } from '../data'
import { useStops } from './useStops'

export function OpenStops() {
  const stops = useStops()
  const open = stops.data?.results.filter(({ lifted_at }) => lifted_at === null) ?? []
  return open.map((stop) => <OpenStop key={stop.id} stop={stop} />)
}

function OpenStop({ stop }: { stop: Stop }) {
  const { t } = useTranslation(['billing', 'common'])
  const changed = useBillingChanged()
  const lift = $api.useMutation('post', '/api/v1/billing/stops/{id}/lift', {
    onSuccess: async () => {
      done(t('stops.lifted'))
      await changed()
    },
    onError: failed,
  })
  return (
    <Alert color="red" icon={<IconPhoneOff size={18} />} title={t('stops.open')} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{stop.words}</Text>
        <Text size="xs">{t('stops.since', { at: exactTime(stop.created_at) })}</Text>
        {/* A debt is lifted by paying it. */}
        {stop.kind === 'debt' ? (
          <Text size="sm">{t('stops.debt')}</Text>
        ) : (
          <May permission="billing.write">
            <Button
              size="xs"
              variant="default"
              loading={lift.isPending}
              onClick={() =>
                confirmDanger({
                  title: t('stops.liftTitle'),
                  text: t('stops.liftText', { words: stop.words }),
                  confirm: t('stops.lift'),
                  cancel: t('common:cancel'),
                  onConfirm: () => lift.mutate({ params: { path: { id: stop.id } } }),
                })
              }
            >
              {t('stops.lift')}
            </Button>
          </May>
        )}
      </Stack>
    </Alert>
  )
}
