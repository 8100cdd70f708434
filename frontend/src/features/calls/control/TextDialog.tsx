/** A text for a running call: said to the caller, or whispered to the agent. */
import { Modal, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { FormButtons, FormProblem, done } from '@/components/forms'

export type TextKind = 'say' | 'whisper'

export function TextDialog({ id, kind, onClose }: { id: string; kind: TextKind; onClose: () => void }) {
  const { t } = useTranslation(['calls', 'common'])
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { text: '' },
    validate: { text: (text) => (text.trim() ? null : t('sayMissing')) },
  })
  const handlers = {
    onSuccess: () => {
      done(t(kind === 'say' ? 'sayDone' : 'control.whisperDone'))
      onClose()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  }
  const say = $api.useMutation('post', '/api/v1/calls/{id}/say', handlers)
  const whisper = $api.useMutation('post', '/api/v1/calls/{id}/whisper', handlers)
  const order = kind === 'say' ? say : whisper
  return (
    <Modal opened onClose={onClose} title={t(kind === 'say' ? 'say' : 'control.whisper')}>
      <form
        noValidate
        onSubmit={form.onSubmit((body) => {
          setProblem(null)
          order.mutate({ params: { path: { id } }, body })
        })}
      >
        <Stack>
          <FormProblem text={problem} />
          {kind === 'whisper' && (
            <Text size="sm" c="dimmed">
              {t('control.whisperHelp')}
            </Text>
          )}
          <Textarea
            label={t(kind === 'say' ? 'sayLabel' : 'control.whisperLabel')}
            autosize
            minRows={2}
            maxRows={8}
            maxLength={4000}
            required
            data-autofocus
            {...form.getInputProps('text')}
          />
          <FormButtons
            label={t(kind === 'say' ? 'saySubmit' : 'control.whisper')}
            busy={order.isPending}
            cancel={{ label: t('common:cancel'), onClick: onClose }}
          />
        </Stack>
      </form>
    </Modal>
  )
}
