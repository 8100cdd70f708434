import { Fieldset, Select, Stack, Text, TextInput } from '@mantine/core'
import { isEmail, isNotEmpty, useForm, type UseFormReturnType } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { done, FormButtons, FormProblem } from '@/components/forms'
import type { Requirements } from '../data'
import { AddressChoice } from './AddressChoice'
import {
  bundleBody,
  type BundleDraft,
  documentsOf,
  emptyBundle,
  fieldsOf,
  identityOf,
  wantsAddress,
} from './bundle'

export function BundleForm({ wanted, onClose }: { wanted: Requirements; onClose: () => void }) {
  const { t } = useTranslation(['lines', 'common'])
  const queries = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm<BundleDraft>({
    initialValues: emptyBundle(wanted),
    validate: { owner: isNotEmpty(t('papers.needed')), email: isEmail(t('papers.emailFault')) },
  })
  const send = $api.useMutation('post', '/api/v1/numbers/bundles', {
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['get', '/api/v1/numbers/bundles'] })
      done(t('papers.bundleSent'))
      onClose()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  const submit = form.onSubmit((draft) => {
    setProblem(null)
    send.mutate({ body: bundleBody(draft, wanted) })
  })
  return (
    <form
      noValidate
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        // The order's own form, which this dialog was opened from, is not sent with it.
        event.stopPropagation()
        submit(event)
      }}
    >
      <Stack>
        <TextInput label={t('papers.owner')} maxLength={200} {...form.getInputProps('owner')} />
        <TextInput label={t('papers.email')} type="email" {...form.getInputProps('email')} />
        {identityOf(wanted).map(({ name, words }) => (
          <TextInput
            key={name}
            label={words || name}
            maxLength={500}
            {...form.getInputProps(`attributes.${name}`)}
          />
        ))}
        {documentsOf(wanted).map((one, index) => (
          <Document key={one.name} wanted={one} index={index} form={form} country={wanted.country} />
        ))}
        <TextInput label={t('papers.bundleLabel')} maxLength={200} {...form.getInputProps('label')} />
        <FormProblem text={problem} />
        <FormButtons
          label={t('papers.sendBundle')}
          busy={send.isPending}
          cancel={{ label: t('common:cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}

interface DocumentProps {
  wanted: Requirements['wanted'][number]
  index: number
  form: UseFormReturnType<BundleDraft>
  country: string
}

function Document({ wanted, index, form, country }: DocumentProps) {
  const { t } = useTranslation('lines')
  const place = `papers.${index}`
  const { accepted } = wanted
  return (
    <Fieldset legend={wanted.words}>
      <Stack gap="sm">
        {accepted.length > 1 && (
          <Select
            label={t('papers.document')}
            allowDeselect={false}
            data={accepted.map(({ name, words }) => ({ value: name, label: words }))}
            {...form.getInputProps(`${place}.type`)}
          />
        )}
        {accepted.length === 1 && <Text size="sm">{accepted[0]!.words}</Text>}
        {fieldsOf(wanted).map(({ name, words }) => (
          <TextInput
            key={name}
            label={words || name}
            maxLength={500}
            {...form.getInputProps(`${place}.attributes.${name}`)}
          />
        ))}
        {wantsAddress(wanted) && (
          <AddressChoice country={country} need="any" {...form.getInputProps(`${place}.address`)} />
        )}
      </Stack>
    </Fieldset>
  )
}
