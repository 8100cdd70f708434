import { Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { isEmail, useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { grantable, type Role } from '../roles'

interface InviteDialogProps {
  opened: boolean
  onClose: () => void
}

export function InviteDialog({ opened, onClose }: InviteDialogProps) {
  const { t } = useTranslation('workspace')
  const { tenant } = useTenant()
  return (
    <Modal opened={opened} onClose={onClose} title={t('inviteTitle', { tenant: tenant.name })}>
      <InviteForm onClose={onClose} />
    </Modal>
  )
}

function InviteForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('workspace')
  const { role: own } = useTenant()
  const client = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { email: '', role: 'developer' as Role },
    validate: { email: isEmail(t('emailNeeded')) },
  })
  const invite = $api.useMutation('post', '/api/v1/invitations', {
    onSuccess: async ({ email }) => {
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/invitations'] })
      done(t('invited', { email }))
      onClose()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((body) => {
        setProblem(null)
        invite.mutate({ body })
      })}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {t('inviteText')}
        </Text>
        <FormProblem text={problem} />
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('email')}
        />
        <Select
          label={t('role')}
          allowDeselect={false}
          data={grantable(own).map((role) => ({ value: role, label: t(`roles.${role}`) }))}
          {...form.getInputProps('role')}
        />
        <FormButtons
          label={t('inviteSend')}
          busy={invite.isPending}
          cancel={{ label: t('cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
