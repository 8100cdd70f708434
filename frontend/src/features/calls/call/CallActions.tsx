/** What can be done to a running call. */
import { Button, Group, Modal, Stack, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { IconMessage, IconPhoneX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { CallItem } from '@/api/live'
import { showProblem } from '@/api/problem'
import { May } from '@/api/session'
import { FormButtons, FormProblem, confirmDanger, done, failed } from '@/components/forms'
import { phone } from '@/components/format'

/** `small`: on a card of the live wall. */
export function CallActions({ call, small = false }: { call: CallItem; small?: boolean }) {
  const { t } = useTranslation(['calls', 'common'])
  const [saying, { open, close }] = useDisclosure()
  const other = phone(call.direction === 'outbound' ? call.to_number : call.from_number)
  const hangUp = $api.useMutation('post', '/api/v1/calls/{id}/hangup', {
    onSuccess: () => done(t('hangUpDone')),
    onError: failed,
  })
  const ask = () =>
    confirmDanger({
      title: t('hangUpTitle', { number: other }),
      text: t('hangUpText'),
      confirm: t('hangUp'),
      cancel: t('common:cancel'),
      onConfirm: () => hangUp.mutate({ params: { path: { id: call.id } }, body: { reason: '' } }),
    })
  const size = small ? 'xs' : 'sm'
  return (
    <May permission="calls.control">
      <Group gap="xs" wrap="nowrap">
        {call.state === 'in_progress' && (
          <Button
            size={size}
            variant="default"
            leftSection={<IconMessage size={15} aria-hidden />}
            onClick={open}
          >
            {t('say')}
          </Button>
        )}
        <Button
          size={size}
          color="red"
          variant="light"
          leftSection={<IconPhoneX size={15} aria-hidden />}
          loading={hangUp.isPending}
          onClick={ask}
        >
          {small ? t('end') : t('hangUp')}
        </Button>
      </Group>
      {saying && <SayDialog id={call.id} onClose={close} />}
    </May>
  )
}

function SayDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation(['calls', 'common'])
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { text: '' },
    validate: { text: (text) => (text.trim() ? null : t('sayMissing')) },
  })
  const say = $api.useMutation('post', '/api/v1/calls/{id}/say', {
    onSuccess: () => {
      done(t('sayDone'))
      onClose()
    },
    onError: (error) => setProblem(showProblem(form, error)),
  })
  const submit = form.onSubmit((body) => {
    setProblem(null)
    say.mutate({ params: { path: { id } }, body })
  })
  return (
    <Modal opened onClose={onClose} title={t('say')}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormProblem text={problem} />
          <Textarea
            label={t('sayLabel')}
            autosize
            minRows={2}
            maxRows={8}
            maxLength={4000}
            required
            data-autofocus
            {...form.getInputProps('text')}
          />
          <FormButtons
            label={t('saySubmit')}
            busy={say.isPending}
            cancel={{ label: t('common:cancel'), onClick: onClose }}
          />
        </Stack>
      </form>
    </Modal>
  )
}
