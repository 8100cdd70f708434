import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { isNotEmpty, useForm } from '@mantine/form'
import { IconDownload, IconInfoCircle } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { meQuery, useTenant } from '@/api/session'
import { done, FormProblem } from '@/components/forms'
import { Page } from '@/components/Page'
import { Copyable } from '@/components/Secret'
import { Section } from '@/components/Section'
import { AllowedCountries } from './AllowedCountries'
import { DeleteWorkspace } from './DeleteWorkspace'
import { SingleSignOn } from './SingleSignOn'

export function SettingsPage() {
  const { t } = useTranslation('workspace')
  const { tenant, may } = useTenant()
  const owner = may('tenant.write')
  return (
    <Page title={t('settingsTitle')} lead={t('settingsLead')}>
      {!owner && <Alert icon={<IconInfoCircle size={18} />}>{t('settingsReadOnly')}</Alert>}
      <Section title={t('nameTitle')} text={t('nameText')}>
        <Stack>
          {owner ? <NameForm name={tenant.name} /> : <Text>{tenant.name}</Text>}
          <Group gap="xl">
            <Fact label={t('slug')} value={tenant.slug} />
            <Fact label={t('workspaceId')} value={tenant.id} />
          </Group>
        </Stack>
      </Section>
      <AllowedCountries />
      {owner && (
        <>
          <SingleSignOn />
          <Section title={t('exportTitle')} text={t('exportText')}>
            <Button
              component="a"
              href={`/api/v1/tenant/export?tenant=${tenant.id}`}
              download
              variant="default"
              leftSection={<IconDownload size={16} />}
            >
              {t('export')}
            </Button>
          </Section>
          <DeleteWorkspace />
        </>
      )}
    </Page>
  )
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Copyable value={value} />
    </div>
  )
}

function NameForm({ name }: { name: string }) {
  const { t } = useTranslation('workspace')
  const client = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({ initialValues: { name }, validate: { name: isNotEmpty(t('nameNeeded')) } })
  const save = $api.useMutation('patch', '/api/v1/tenant', {
    onSuccess: async () => {
      form.resetDirty()
      done(t('saved'))
      await client.invalidateQueries(meQuery())
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((body) => {
        setProblem(null)
        save.mutate({ body })
      })}
    >
      <FormProblem text={problem} />
      <Group align="flex-end">
        <TextInput label={t('name')} maxLength={200} flex="1 1 220px" {...form.getInputProps('name')} />
        <Button type="submit" variant="default" loading={save.isPending} disabled={!form.isDirty()}>
          {t('save')}
        </Button>
      </Group>
    </form>
  )
}
