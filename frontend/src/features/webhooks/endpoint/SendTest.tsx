/** Sends an event as it would be, with the example of the catalogue in it; the log shows what came of it. */
import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import { type Endpoint, useEventTypes, useWebhooksChanged } from '../data'

interface SendTestProps {
  endpoint: Endpoint
  opened: boolean
  onClose: () => void
}

export function SendTest({ opened, ...rest }: SendTestProps) {
  const { t } = useTranslation('webhooks')
  return (
    <Modal opened={opened} onClose={rest.onClose} title={t('test')}>
      <TestForm {...rest} />
    </Modal>
  )
}

const PLAIN = 'webhook.test'

function TestForm({ endpoint, onClose }: Omit<SendTestProps, 'opened'>) {
  const { t } = useTranslation('webhooks')
  const { t: common } = useTranslation('common')
  const navigate = useNavigate()
  const changed = useWebhooksChanged()
  const types = useEventTypes()
  const [type, setType] = useState(PLAIN)
  const send = $api.useMutation('post', '/api/v1/webhooks/{id}/test', {
    onSuccess: async (delivery) => {
      await changed()
      onClose()
      // The drawer of the log waits for the answer.
      await navigate({ to: '.', search: { delivery: delivery.id } as never, resetScroll: false })
    },
  })
  const names = types.data?.results.map(({ name }) => name) ?? [PLAIN]
  return (
    <Stack>
      <Text size="sm">{t('testText')}</Text>
      <Select
        label={t('event')}
        searchable
        allowDeselect={false}
        data={names}
        value={type}
        onChange={(value) => value && setType(value)}
      />
      <FormProblem text={send.isError ? asProblem(send.error).detail : null} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {common('cancel')}
        </Button>
        <Button
          loading={send.isPending}
          onClick={() => send.mutate({ params: { path: { id: endpoint.id } }, body: { type } as never })}
        >
          {t('testSend')}
        </Button>
      </Group>
    </Stack>
  )
}
