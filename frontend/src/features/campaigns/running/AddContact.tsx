/** One more contact, by hand. */
import { Modal, Stack, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showProblem } from '@/api/problem'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { phone } from '@/components/format'
import { variablesIn } from './contacts'
import { addContact, useContactsChanged } from './data'

interface AddProps {
  campaign: string
  opened: boolean
  onClose: () => void
}

export function AddContact({ campaign, opened, onClose }: AddProps) {
  const { t } = useTranslation('campaigns')
  return (
    <Modal opened={opened} onClose={onClose} title={t('contact.add')}>
      <AddForm campaign={campaign} onClose={onClose} />
    </Modal>
  )
}

function AddForm({ campaign, onClose }: Omit<AddProps, 'opened'>) {
  const { t } = useTranslation('campaigns')
  const changed = useContactsChanged(campaign)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { number: '', variables: '' },
    validate: {
      number: (number) => (number.trim() ? null : t('fault.required')),
      variables: (text) => (variablesIn(text) ? null : t('contact.variablesWrong')),
    },
  })
  const send = async ({ number, variables }: typeof form.values) => {
    setBusy(true)
    setProblem(null)
    try {
      const made = await addContact(campaign, {
        number: number.trim(),
        variables: variablesIn(variables) ?? {},
      })
      if (made.refused || !made.e164) return form.setFieldError('number', made.detail)
      changed()
      done(t(made.duplicate ? 'contact.wasThere' : 'contact.added', { number: phone(made.e164) }))
      onClose()
    } catch (error) {
      setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form noValidate onSubmit={form.onSubmit((wish) => void send(wish))}>
      <Stack>
        <TextInput
          label={t('contact.number')}
          description={t('contact.numberHelp')}
          type="tel"
          required
          {...form.getInputProps('number')}
        />
        <Textarea
          label={t('contact.variables')}
          description={t('contact.variablesHelp')}
          autosize
          minRows={2}
          {...form.getInputProps('variables')}
        />
        <FormProblem text={problem} />
        <FormButtons label={t('contact.add')} busy={busy} cancel={{ label: t('cancel'), onClick: onClose }} />
      </Stack>
    </form>
  )
}
