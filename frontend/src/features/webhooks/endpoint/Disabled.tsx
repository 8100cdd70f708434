/** Why nothing is sent to an endpoint, and what to do about it. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconPlayerPlay, IconWebhookOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May } from '@/api/session'
import { done, failed } from '@/components/forms'
import { exactTime } from '@/components/format'
import { type Endpoint, useWebhooksChanged } from '../data'

export function Disabled({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation('webhooks')
  const changed = useWebhooksChanged()
  const enable = $api.useMutation('post', '/api/v1/webhooks/{id}/enable', {
    onSuccess: async () => {
      await changed()
      done(t('enabled'))
    },
    onError: failed,
  })
  if (endpoint.state !== 'disabled') return null
  const { disabled_reason: reason, disabled_at: at } = endpoint
  return (
    <Alert color={reason ? 'red' : 'amber'} icon={<IconWebhookOff size={18} />} title={t('disabledTitle')}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          {reason || t('disabledByPerson')} {at && t('disabledSince', { at: exactTime(at) })}
        </Text>
        <Text size="sm">{t(reason ? 'disabledNext' : 'disabledNextPerson')}</Text>
        <May permission="webhooks.write">
          <Group gap="xs">
            <Button
              size="xs"
              leftSection={<IconPlayerPlay size={14} />}
              loading={enable.isPending}
              onClick={() => enable.mutate({ params: { path: { id: endpoint.id } } })}
            >
              {t('enable')}
            </Button>
          </Group>
        </May>
      </Stack>
    </Alert>
  )
}
