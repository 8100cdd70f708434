import { Stack, TextInput } from '@mantine/core'
import { isNotEmpty, useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { queryClient } from '@/api/query'
import { meQuery } from '@/api/session'
import { FormButtons, FormProblem } from '@/components/forms'
import { Page } from '@/components/Page'
import { Frame } from './Frame'
import { isSlug, slugOf } from './slug'

export function NewTenantPage() {
  const { t } = useTranslation('accounts')
  const navigate = useNavigate()
  const [problem, setProblem] = useState<string | null>(null)
  // Until the address is typed by hand it follows the name, and the server finds a free one.
  const [byHand, setByHand] = useState(false)
  const form = useForm({
    initialValues: { name: '', slug: '' },
    validate: {
      name: isNotEmpty(t('newNameNeeded')),
      slug: (slug) => (!byHand || isSlug(slug) ? null : t('newSlugBad')),
    },
  })
  const create = $api.useMutation('post', '/api/v1/tenants', {
    onSuccess: async (tenant) => {
      await queryClient.fetchQuery({ ...meQuery(), staleTime: 0 })
      await navigate({ to: `/t/${tenant.slug}/start` })
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })

  return (
    <Frame>
      <Page title={t('newTitle')} lead={t('newLead')}>
        <form
          noValidate
          onSubmit={form.onSubmit(({ name, slug }) => {
            setProblem(null)
            create.mutate({ body: byHand ? { name, slug } : { name } })
          })}
        >
          <Stack maw={460}>
            <FormProblem text={problem} />
            <TextInput
              label={t('newName')}
              description={t('newNameHint')}
              autoFocus
              maxLength={200}
              {...form.getInputProps('name')}
              onChange={(event) => {
                const name = event.currentTarget.value
                form.setFieldValue('name', name)
                if (!byHand) form.setFieldValue('slug', slugOf(name))
              }}
            />
            <TextInput
              label={t('newSlug')}
              description={`${window.location.origin}/t/${form.values.slug || '…'}`}
              classNames={{ input: 'tl-mono' }}
              autoCapitalize="none"
              {...form.getInputProps('slug')}
              onChange={(event) => {
                setByHand(event.currentTarget.value !== '')
                form.setFieldValue('slug', event.currentTarget.value)
              }}
            />
            <FormButtons label={t('newCreate')} busy={create.isPending} />
          </Stack>
        </form>
      </Page>
    </Frame>
  )
}
