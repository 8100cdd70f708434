/** One number that is not called any more, or as many as are pasted. */
import { Modal, Stack, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { count } from '@/components/format'
import { useListChanged } from './data'
import { AT_ONCE, numbersIn } from './pasted'

interface AddProps {
  opened: boolean
  onClose: () => void
  campaign?: string
}

export function AddNumbers({ opened, onClose, campaign }: AddProps) {
  const { t } = useTranslation('campaigns')
  return (
    <Modal opened={opened} onClose={onClose} title={t('dnc.addTitle')}>
      <AddForm onClose={onClose} campaign={campaign} />
    </Modal>
  )
}

function AddForm({ onClose, campaign }: Omit<AddProps, 'opened'>) {
  const { t } = useTranslation('campaigns')
  const changed = useListChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { numbers: '', note: '' },
    validate: {
      numbers: (text) => {
        const { numbers, wrong } = numbersIn(text)
        if (wrong.length > 0) return t('dnc.wrong', { numbers: wrong.slice(0, 5).join(', ') })
        if (numbers.length > AT_ONCE) return t('dnc.tooMany', { most: count(AT_ONCE) })
        return numbers.length === 0 ? t('fault.required') : null
      },
    },
  })
  const add = $api.useMutation('post', '/api/v1/do-not-call', {
    onSuccess: ({ added }) => {
      changed()
      done(t('dnc.added', { count: added, shown: count(added) }))
      onClose()
    },
    onError: (error) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ numbers, note }) => {
        setProblem(null)
        add.mutate({
          body: {
            numbers: numbersIn(numbers).numbers,
            note: note.trim(),
            ...(campaign ? { campaign } : {}),
          },
        })
      })}
    >
      <Stack>
        <Textarea
          label={t('dnc.numbers')}
          description={t('dnc.numbersHelp')}
          required
          autosize
          minRows={3}
          maxRows={12}
          {...form.getInputProps('numbers')}
        />
        <TextInput
          label={t('dnc.note')}
          description={t('dnc.noteHelp')}
          maxLength={200}
          {...form.getInputProps('note')}
        />
        <FormProblem text={problem} />
        <FormButtons
          label={t('dnc.add')}
          busy={add.isPending}
          cancel={{ label: t('cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
