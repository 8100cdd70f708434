import { Modal, Radio, Stack, Textarea, TextInput } from '@mantine/core'
import { isNotEmpty, useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { usePrivacyChanged } from '../data'
import { isNumber, plain } from '../number'

const SCOPES = ['number', 'call', 'everything'] as const

interface NewHoldProps {
  opened: boolean
  onClose: () => void
}

export function NewHold({ opened, onClose }: NewHoldProps) {
  const { t } = useTranslation('privacy')
  return (
    <Modal opened={opened} onClose={onClose} title={t('newHold')} size="lg">
      <HoldForm onClose={onClose} />
    </Modal>
  )
}

interface Draft {
  name: string
  reason: string
  of: (typeof SCOPES)[number]
  phone_number: string
  call: string
}

function HoldForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['privacy', 'common'])
  const changed = usePrivacyChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm<Draft>({
    initialValues: { name: '', reason: '', of: 'number', phone_number: '', call: '' },
    validate: {
      name: isNotEmpty(t('holdNameNeeded')),
      reason: isNotEmpty(t('holdReasonNeeded')),
      phone_number: (number, { of }) => (of !== 'number' || isNumber(number) ? null : t('numberFault')),
      call: (call, { of }) => (of !== 'call' || /^call_\w+$/.test(call.trim()) ? null : t('callFault')),
    },
  })
  const create = $api.useMutation('post', '/api/v1/privacy/holds', {
    onSuccess: async ({ name }) => {
      onClose()
      done(t('holdMade', { name }))
      await changed()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ name, reason, of, phone_number, call }) => {
        setProblem(null)
        create.mutate({
          body: {
            name: name.trim(),
            reason: reason.trim(),
            phone_number: of === 'number' ? plain(phone_number) : '',
            call: of === 'call' ? call.trim() : null,
          },
        })
      })}
    >
      <Stack>
        <TextInput
          label={t('holdName')}
          description={t('holdNameHelp')}
          maxLength={200}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Textarea
          label={t('holdReason')}
          description={t('holdReasonHelp')}
          maxLength={2000}
          autosize
          minRows={2}
          {...form.getInputProps('reason')}
        />
        <Radio.Group label={t('holdOf')} {...form.getInputProps('of')}>
          <Stack gap={6} mt={6}>
            {SCOPES.map((of) => (
              <Radio key={of} value={of} label={t(`scope.${of}`)} description={t(`scopeText.${of}`)} />
            ))}
          </Stack>
        </Radio.Group>
        {form.values.of === 'number' && (
          <TextInput
            label={t('number')}
            description={t('numberHelp')}
            type="tel"
            autoComplete="off"
            {...form.getInputProps('phone_number')}
          />
        )}
        {form.values.of === 'call' && (
          <TextInput
            label={t('callId')}
            description={t('callIdHelp')}
            classNames={{ input: 'tl-mono' }}
            autoComplete="off"
            {...form.getInputProps('call')}
          />
        )}
        <FormProblem text={problem} />
        <FormButtons
          label={t('holdMake')}
          busy={create.isPending}
          cancel={{ label: t('common:cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
