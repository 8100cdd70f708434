import { Alert, Modal, Radio, Stack, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { usePrivacyChanged } from '../data'
import { isNumber, plain } from '../number'

const REQUEST_KINDS = ['export', 'deletion'] as const

interface NewRequestProps {
  opened: boolean
  onClose: () => void
}

export function NewRequest({ opened, onClose }: NewRequestProps) {
  const { t } = useTranslation('privacy')
  return (
    <Modal opened={opened} onClose={onClose} title={t('newRequest')} size="lg">
      <RequestForm onClose={onClose} />
    </Modal>
  )
}

interface Draft {
  kind: (typeof REQUEST_KINDS)[number]
  phone_number: string
  confirm: string
  note: string
}

function RequestForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['privacy', 'common'])
  const changed = usePrivacyChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm<Draft>({
    initialValues: { kind: 'export', phone_number: '', confirm: '', note: '' },
    validate: {
      phone_number: (number) => (isNumber(number) ? null : t('numberFault')),
      confirm: (again, { kind, phone_number }) =>
        kind === 'export' || plain(again) === plain(phone_number) ? null : t('confirmFault'),
    },
  })
  const create = $api.useMutation('post', '/api/v1/privacy/requests', {
    onSuccess: async () => {
      onClose()
      done(t('requestMade'))
      await changed()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  const deletes = form.values.kind === 'deletion'
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ kind, phone_number, confirm, note }) => {
        setProblem(null)
        const body = { kind, phone_number: plain(phone_number), note: note.trim() }
        create.mutate({ body: kind === 'deletion' ? { ...body, confirm: plain(confirm) } : body })
      })}
    >
      <Stack>
        <Radio.Group label={t('requestWhat')} {...form.getInputProps('kind')}>
          <Stack gap={6} mt={6}>
            {REQUEST_KINDS.map((kind) => (
              <Radio
                key={kind}
                value={kind}
                label={t(`requestKind.${kind}`)}
                description={t(`requestKindText.${kind}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        <TextInput
          label={t('number')}
          description={t('numberHelp')}
          type="tel"
          autoComplete="off"
          {...form.getInputProps('phone_number')}
        />
        {deletes && (
          <>
            <Alert color="red" icon={<IconAlertTriangle size={18} />}>
              {t('deletionText')}
            </Alert>
            <TextInput
              label={t('confirm')}
              type="tel"
              autoComplete="off"
              {...form.getInputProps('confirm')}
            />
          </>
        )}
        <Textarea
          label={t('note')}
          description={t('noteHelp')}
          maxLength={500}
          autosize
          minRows={2}
          {...form.getInputProps('note')}
        />
        <FormProblem text={problem} />
        <FormButtons
          label={t(deletes ? 'requestDelete' : 'requestExport')}
          busy={create.isPending}
          cancel={{ label: t('common:cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
