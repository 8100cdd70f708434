import { Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { Password } from '@/components/Password'
import type { VendorRow } from './rows'

/** Loads the keys, and what they make available, again. */
export function useKeysChanged() {
  const client = useQueryClient()
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['get', '/api/v1/vendor-keys'] }),
      client.invalidateQueries({ queryKey: ['get', '/api/v1/catalog'] }),
    ])
}

interface DialogProps {
  row: VendorRow
  opened: boolean
  onClose: () => void
  onSaved: () => void
}

export function VendorKeyDialog({ opened, onClose, ...rest }: DialogProps) {
  const { t } = useTranslation('workspace')
  return (
    <Modal opened={opened} onClose={onClose} title={t('vendorDialog', { name: rest.row.label })}>
      <KeyForm onClose={onClose} {...rest} />
    </Modal>
  )
}

function KeyForm({ row, onClose, onSaved }: Omit<DialogProps, 'opened'>) {
  const { t } = useTranslation('workspace')
  const changed = useKeysChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const { own } = row
  const form = useForm({
    initialValues: { api_key: '', region: own?.region ?? '', base_url: own?.base_url ?? '' },
    validate: { api_key: (key) => (key.trim() || own ? null : t('vendorKeyNeeded')) },
  })
  const save = $api.useMutation('put', '/api/v1/vendor-keys/{vendor}', {
    onSuccess: async () => {
      await changed()
      done(t('vendorSaved', { name: row.label }))
      onClose()
      onSaved()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ api_key, region, base_url }) => {
        setProblem(null)
        save.mutate({
          params: { path: { vendor: row.vendor } },
          body: { api_key: api_key.trim() || null, region: region.trim(), base_url: base_url.trim() },
        })
      })}
    >
      <Stack>
        <Text size="sm">{t('vendorDialogText', { name: row.label })}</Text>
        <FormProblem text={problem} />
        <Password
          label={t('vendorApiKey')}
          description={own ? t('vendorKeyStored') : t('vendorKeyHelp')}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('api_key')}
        />
        <TextInput
          label={t('vendorRegion')}
          description={t('vendorRegionHelp')}
          maxLength={60}
          {...form.getInputProps('region')}
        />
        <TextInput
          label={t('vendorAddress')}
          description={t('vendorAddressHelp')}
          type="url"
          maxLength={500}
          {...form.getInputProps('base_url')}
        />
        <FormButtons
          label={t('save')}
          busy={save.isPending}
          cancel={{ label: t('cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
