import { Button, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { FormProblem } from '@/components/forms'
import { Section } from '@/components/Section'

export function DeleteWorkspace() {
  const { t } = useTranslation('workspace')
  const { tenant } = useTenant()
  const [opened, { open, close }] = useDisclosure()
  return (
    <Section title={t('deleteTitle')} text={t('deleteText')}>
      <Button color="red" variant="outline" onClick={open}>
        {t('delete')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('deleteAskTitle', { tenant: tenant.name })}>
        <DeleteForm onClose={close} />
      </Modal>
    </Section>
  )
}

function DeleteForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('workspace')
  const { tenant } = useTenant()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { confirm: '' },
    validate: { confirm: (typed) => (typed === tenant.slug ? null : t('deleteNotYet')) },
  })
  const remove = $api.useMutation('delete', '/api/v1/tenant', {
    // Nothing of it may stay in memory.
    onSuccess: () => window.location.assign('/'),
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((body) => {
        setProblem(null)
        // OpenAPI generators know no body of DELETE.
        remove.mutate({ body: body as never })
      })}
    >
      <Stack>
        <Text size="sm">{t('deleteText')}</Text>
        <Text size="sm">{t('deleteExportFirst')}</Text>
        <FormProblem text={problem} />
        <TextInput
          label={t('deleteAsk', { slug: tenant.slug })}
          autoComplete="off"
          classNames={{ input: 'tl-mono' }}
          data-autofocus
          {...form.getInputProps('confirm')}
        />
        <Button type="submit" color="red" loading={remove.isPending}>
          {t('deleteNow')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('cancel')}
        </Button>
      </Stack>
    </form>
  )
}
