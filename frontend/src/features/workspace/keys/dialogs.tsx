/** What can be done to a key that exists. */
import { Button, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core'
import { isNotEmpty, useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem, showProblem } from '@/api/problem'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { SecretOnce } from '@/components/Secret'
import type { ApiKey } from './KeyTable'
import { useKeysChanged } from './useKeysChanged'

interface KeyDialogProps {
  apiKey: ApiKey
  opened: boolean
  onClose: () => void
}

export function RenameKey({ apiKey, opened, onClose }: KeyDialogProps) {
  const { t } = useTranslation('workspace')
  return (
    <Modal opened={opened} onClose={onClose} title={t('keyRename')}>
      <RenameForm apiKey={apiKey} onClose={onClose} />
    </Modal>
  )
}

function RenameForm({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation('workspace')
  const changed = useKeysChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { name: apiKey.name },
    validate: { name: isNotEmpty(t('nameNeeded')) },
  })
  const rename = $api.useMutation('patch', '/api/v1/api-keys/{id}', {
    onSuccess: async () => {
      await changed()
      done(t('keyRenamed'))
      onClose()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((body) => {
        setProblem(null)
        rename.mutate({ params: { path: { id: apiKey.id } }, body })
      })}
    >
      <Stack>
        <FormProblem text={problem} />
        <TextInput label={t('keyName')} maxLength={100} data-autofocus {...form.getInputProps('name')} />
        <FormButtons
          label={t('save')}
          busy={rename.isPending}
          cancel={{ label: t('cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}

const OVERLAPS = [0, 3600, 86_400, 604_800] as const

export function RotateKey({ apiKey, opened, onClose }: KeyDialogProps) {
  const { t } = useTranslation('workspace')
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      closeOnClickOutside={false}
      title={t('keyRotateTitle', { name: apiKey.name })}
    >
      <RotateForm apiKey={apiKey} onClose={onClose} />
    </Modal>
  )
}

function RotateForm({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation('workspace')
  const changed = useKeysChanged()
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]>(86_400)
  const rotate = $api.useMutation('post', '/api/v1/api-keys/{id}/rotate', { onSuccess: changed })
  if (rotate.data) return <KeyMade secret={rotate.data.secret} onClose={onClose} />
  return (
    <Stack>
      <Text size="sm">{t('keyRotateText')}</Text>
      <FormProblem text={rotate.isError ? asProblem(rotate.error).detail : null} />
      <Radio.Group
        label={t('keyRotateOld')}
        value={String(overlap)}
        onChange={(value) => setOverlap(Number(value) as (typeof OVERLAPS)[number])}
      >
        <Stack gap={6} mt={6}>
          {OVERLAPS.map((s) => (
            <Radio key={s} value={String(s)} label={t(`overlap.s${s}`)} />
          ))}
        </Stack>
      </Radio.Group>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button
          loading={rotate.isPending}
          onClick={() =>
            rotate.mutate({ params: { path: { id: apiKey.id } }, body: { expire_old_in_s: overlap } })
          }
        >
          {t('keyRotate')}
        </Button>
      </Group>
    </Stack>
  )
}

/** The secret, this once. It goes away only by a button that says so. */
export function KeyMade({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation('workspace')
  return (
    <Stack>
      <SecretOnce value={secret} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('keyDone')}</Button>
      </Group>
    </Stack>
  )
}
