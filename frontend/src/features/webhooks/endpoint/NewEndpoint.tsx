/** A new endpoint, its secret once, and what to do with that. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { FormButtons, FormProblem } from '@/components/forms'
import { Page } from '@/components/Page'
import { SecretOnce } from '@/components/Secret'
import { useWebhooksChanged } from '../data'
import { Verify } from '../secret/Verify'
import { shortAddress } from '../words'
import { EndpointFields, useFormWords } from './EndpointFields'
import { check, emptyEndpoint, type EndpointForm, fromForm, headerPlaces } from './values'

interface Made {
  id: string
  url: string
  secret: string
}

export function NewEndpoint() {
  const { t } = useTranslation('webhooks')
  const { path } = useTenant()
  const [made, setMade] = useState<Made>()
  return (
    <Page
      title={made ? t('madeTitle') : t('new')}
      lead={made ? shortAddress(made.url) : t('newLead')}
      back={{ to: path('webhooks'), label: t('title') }}
    >
      {made ? <Ready made={made} /> : <NewForm onMade={setMade} />}
    </Page>
  )
}

function NewForm({ onMade }: { onMade: (made: Made) => void }) {
  const { t } = useTranslation('webhooks')
  const changed = useWebhooksChanged()
  const words = useFormWords()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm<EndpointForm>({
    initialValues: emptyEndpoint(),
    validate: (values) => check(values, words),
  })
  const create = $api.useMutation('post', '/api/v1/webhooks', {
    onSuccess: async (made) => {
      onMade(made)
      await changed()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error, headerPlaces(form.getValues().headers))),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) => {
        setProblem(null)
        create.mutate({ body: fromForm(values) })
      })}
    >
      <Stack gap="lg" maw={820}>
        <EndpointFields form={form} />
        <FormProblem text={problem} />
        <FormButtons label={t('create')} busy={create.isPending} />
      </Stack>
    </form>
  )
}

function Ready({ made }: { made: Made }) {
  const { t } = useTranslation('webhooks')
  const { path } = useTenant()
  return (
    <Stack gap="lg" maw={820}>
      <SecretOnce value={made.secret} />
      <Text size="sm">{t('madeText')}</Text>
      <Verify />
      <Group justify="flex-end">
        <Button component={Link} to={path(`webhooks/${made.id}`)}>
          {t('madeGoOn')}
        </Button>
      </Group>
    </Stack>
  )
}
