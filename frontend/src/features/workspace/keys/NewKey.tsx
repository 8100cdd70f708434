import { Modal, Radio, Select, Stack, TextInput } from '@mantine/core'
import { isNotEmpty, useForm } from '@mantine/form'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { FormButtons, FormProblem } from '@/components/forms'
import { KeyMade } from './dialogs'
import { ScopePicker } from './ScopePicker'
import { useKeysChanged } from './useKeysChanged'

const EXPIRIES = ['d30', 'd90', 'd365', 'never'] as const
type Expiry = (typeof EXPIRIES)[number]

const moment = (expiry: Expiry) =>
  expiry === 'never'
    ? null
    : dayjs()
        .add(Number(expiry.slice(1)), 'day')
        .toISOString()

interface NewKeyProps {
  opened: boolean
  onClose: () => void
}

export function NewKey({ opened, onClose }: NewKeyProps) {
  const { t } = useTranslation('workspace')
  const [secret, setSecret] = useState<string>()
  const close = () => {
    setSecret(undefined)
    onClose()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      // A click beside the dialog must not lose a secret that is shown once.
      closeOnClickOutside={false}
      title={t('keyNew')}
      size="lg"
    >
      {secret ? (
        <KeyMade secret={secret} onClose={close} />
      ) : (
        <NewKeyForm onMade={setSecret} onClose={close} />
      )}
    </Modal>
  )
}

interface NewKeyFormProps {
  onMade: (secret: string) => void
  onClose: () => void
}

interface Draft {
  name: string
  mode: 'live' | 'test'
  scopes: string[]
  expiry: Expiry
}

function NewKeyForm({ onMade, onClose }: NewKeyFormProps) {
  const { t } = useTranslation('workspace')
  const changed = useKeysChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm<Draft>({
    initialValues: { name: '', mode: 'live', scopes: [], expiry: 'd365' },
    validate: { name: isNotEmpty(t('nameNeeded')), scopes: isNotEmpty(t('keyScopesNeeded')) },
  })
  const create = $api.useMutation('post', '/api/v1/api-keys', {
    onSuccess: async (key) => {
      onMade(key.secret)
      await changed()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error, { expires_at: 'expiry' })),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ expiry, ...rest }) => {
        setProblem(null)
        create.mutate({ body: { ...rest, expires_at: moment(expiry) } })
      })}
    >
      <Stack>
        <FormProblem text={problem} />
        <TextInput
          label={t('keyName')}
          description={t('keyNameHint')}
          maxLength={100}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Radio.Group label={t('keyMode')} {...form.getInputProps('mode')}>
          <Stack gap={6} mt={6}>
            <Radio value="live" label={t('keyLive')} description={t('keyLiveHint')} />
            <Radio value="test" label={t('keyTest')} description={t('keyTestHint')} />
          </Stack>
        </Radio.Group>
        <ScopePicker {...form.getInputProps('scopes')} value={form.values.scopes} />
        <Select
          label={t('keyExpiry')}
          description={t('keyExpiryHint')}
          allowDeselect={false}
          data={EXPIRIES.map((expiry) => ({ value: expiry, label: t(`expiry.${expiry}`) }))}
          {...form.getInputProps('expiry')}
        />
        <FormButtons
          label={t('keyCreate')}
          busy={create.isPending}
          cancel={{ label: t('cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
