/** Giving a number up. One that a running campaign needs goes only when it is typed once more. */
import { Alert, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { confirmDanger, done, failed, FormButtons, FormProblem } from '@/components/forms'
import { phone } from '@/components/format'
import { type PhoneNumber, useRefresh } from '../data'
import { bare } from './e164'

/** `ask` asks once; when the number is needed elsewhere, `dialog` asks for more. */
export function useRelease(number: PhoneNumber) {
  const { t } = useTranslation(['lines', 'common'])
  const refresh = useRefresh()
  const [needed, setNeeded] = useState<string | null>(null)
  const name = phone(number.e164)
  const release = $api.useMutation('delete', '/api/v1/numbers/{id}', {
    onSuccess: () => {
      refresh()
      setNeeded(null)
      done(t('released', { number: name }))
    },
  })
  const params = { path: { id: number.id } }
  const ask = () =>
    confirmDanger({
      title: t('releaseTitle', { number: name }),
      text: t(
        number.managed ? 'releaseManaged' : number.carrier === 'sandbox' ? 'releaseSandbox' : 'releaseOwn',
      ),
      confirm: t('release'),
      cancel: t('common:cancel'),
      onConfirm: () =>
        release.mutate(
          { params },
          {
            onError: (error: unknown) => {
              const { code, detail } = asProblem(error)
              if (code === 'in_use') setNeeded(detail)
              else failed(error)
            },
          },
        ),
    })
  const dialog = (
    <Modal
      opened={needed !== null}
      onClose={() => setNeeded(null)}
      title={t('releaseTitle', { number: name })}
    >
      {needed !== null && (
        <Confirm
          number={number}
          why={needed}
          busy={release.isPending}
          onCancel={() => setNeeded(null)}
          onConfirm={(confirm, onError) =>
            release.mutate({ params: { ...params, query: { confirm } } }, { onError })
          }
        />
      )}
    </Modal>
  )
  return { ask, dialog }
}

interface ConfirmProps {
  number: PhoneNumber
  why: string
  busy: boolean
  onCancel: () => void
  onConfirm: (typed: string, onError: (error: unknown) => void) => void
}

function Confirm({ number, why, busy, onCancel, onConfirm }: ConfirmProps) {
  const { t } = useTranslation(['lines', 'common'])
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { confirm: '' },
    validate: { confirm: (typed) => (bare(typed) === number.e164 ? null : t('releaseConfirmFault')) },
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ confirm }) => {
        setProblem(null)
        onConfirm(bare(confirm), (error) => setProblem(asProblem(error).detail))
      })}
    >
      <Stack>
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t('releaseNeeded')}>
          <Text size="sm">{why}</Text>
        </Alert>
        <TextInput
          label={t('releaseConfirm')}
          placeholder={number.e164}
          type="tel"
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('confirm')}
        />
        <FormProblem text={problem} />
        <FormButtons
          label={t('release')}
          busy={busy}
          cancel={{ label: t('common:cancel'), onClick: onCancel }}
        />
      </Stack>
    </form>
  )
}
