/** Name and e-mail address. */
import { Badge, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { isEmail, isNotEmpty, useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts } from '@/api/accounts'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { meQuery } from '@/api/session'
import { done, failed, FormProblem } from '@/components/forms'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { useSensitive } from './Reauthentication'
import { type Address, addressesQuery } from './requests'

export function NameSection({ name }: { name: string }) {
  const { t } = useTranslation('accounts')
  const client = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { full_name: name },
    validate: { full_name: isNotEmpty(t('nameNeeded')) },
  })
  const save = $api.useMutation('patch', '/api/v1/me', {
    onSuccess: (me) => {
      client.setQueryData(meQuery().queryKey, me)
      form.resetDirty()
      done(t('nameSaved'))
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <Section title={t('nameTitle')} text={t('nameText')}>
      <form
        noValidate
        onSubmit={form.onSubmit((body) => {
          setProblem(null)
          save.mutate({ body })
        })}
      >
        <FormProblem text={problem} />
        <Group align="flex-end">
          <TextInput
            label={t('fullName')}
            autoComplete="name"
            maxLength={200}
            flex="1 1 220px"
            {...form.getInputProps('full_name')}
          />
          <Button type="submit" variant="default" loading={save.isPending} disabled={!form.isDirty()}>
            {t('save')}
          </Button>
        </Group>
      </form>
    </Section>
  )
}

export function EmailSection() {
  const { t } = useTranslation('accounts')
  const query = useQuery(addressesQuery)
  return (
    <Section title={t('emailTitle')} text={t('emailText')}>
      <Loaded query={query} rows={2}>
        {(addresses) => (
          <Stack>
            {addresses.map((address) => (
              <AddressRow key={address.email} address={address} />
            ))}
            <ChangeEmail />
          </Stack>
        )}
      </Loaded>
    </Section>
  )
}

function AddressRow({ address: { email, verified, primary } }: { address: Address }) {
  const { t } = useTranslation('accounts')
  const client = useQueryClient()
  const drop = useMutation({
    mutationFn: () => accounts<Address[]>('DELETE', 'account/email', { email }),
    onSuccess: ({ data }) => {
      client.setQueryData(addressesQuery.queryKey, data)
      done(t('emailDropped'))
    },
    onError: failed,
  })
  return (
    <Group gap="xs">
      <Text fw={primary ? 500 : undefined}>{email}</Text>
      <Badge color={verified ? 'petrol' : 'amber'}>{verified ? t('emailVerified') : t('emailPending')}</Badge>
      {!primary && (
        <Button size="compact-sm" variant="subtle" loading={drop.isPending} onClick={() => drop.mutate()}>
          {t('emailKeep')}
        </Button>
      )}
    </Group>
  )
}

function ChangeEmail() {
  const { t } = useTranslation('accounts')
  const client = useQueryClient()
  const sensitive = useSensitive()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm({ initialValues: { email: '' }, validate: { email: isEmail(t('emailNeeded')) } })
  const submit = async ({ email }: { email: string }) => {
    setBusy(true)
    setProblem(null)
    try {
      const answer = await sensitive(() => accounts<Address[]>('POST', 'account/email', { email }))
      if (!answer) return
      client.setQueryData(addressesQuery.queryKey, answer.data)
      form.reset()
      done(t('emailSent', { email }))
    } catch (error) {
      setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <FormProblem text={problem} />
      <Group align="flex-end">
        <TextInput
          label={t('emailNew')}
          type="email"
          autoComplete="email"
          flex="1 1 220px"
          {...form.getInputProps('email')}
        />
        <Button type="submit" variant="default" loading={busy} disabled={!form.isDirty()}>
          {t('emailChange')}
        </Button>
      </Group>
    </form>
  )
}
