/** The same again as a draft, with its contacts or without. */
import { Checkbox, Modal, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { useAccept } from '../data'
import type { Campaign } from '../shared/types'
import { cloneCampaign } from './data'

interface DialogProps {
  campaign: Campaign
  opened: boolean
  onClose: () => void
}

export function CloneDialog({ campaign, opened, onClose }: DialogProps) {
  const { t } = useTranslation('campaigns')
  return (
    <Modal opened={opened} onClose={onClose} title={t('run.cloneTitle', { name: campaign.name })}>
      <CloneForm campaign={campaign} onClose={onClose} />
    </Modal>
  )
}

function CloneForm({ campaign, onClose }: Omit<DialogProps, 'opened'>) {
  const { t } = useTranslation('campaigns')
  const { path } = useTenant()
  const navigate = useNavigate()
  const accept = useAccept()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { name: t('run.copyOf', { name: campaign.name }), with_contacts: false },
    validate: { name: (name) => (name.trim() ? null : t('fault.required')) },
  })
  const send = async (wish: typeof form.values) => {
    setBusy(true)
    setProblem(null)
    try {
      const made = await cloneCampaign(campaign.id, { ...wish, name: wish.name.trim() })
      accept(made)
      done(t('run.cloned', { name: made.name }))
      onClose()
      void navigate({ to: path(`campaigns/${made.id}/setup`) })
    } catch (error) {
      setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form noValidate onSubmit={form.onSubmit((wish) => void send(wish))}>
      <Stack>
        <TextInput label={t('name')} required maxLength={200} {...form.getInputProps('name')} />
        <Checkbox
          label={t('run.withContacts')}
          description={t('run.withContactsHelp')}
          {...form.getInputProps('with_contacts', { type: 'checkbox' })}
        />
        <FormProblem text={problem} />
        <FormButtons label={t('run.clone')} busy={busy} cancel={{ label: t('cancel'), onClick: onClose }} />
      </Stack>
    </form>
  )
}
