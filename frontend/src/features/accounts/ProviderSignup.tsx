/** The first login with a provider that told us too little: name and address are asked for. */
import { Button, Stack, TextInput } from '@mantine/core'
import { isEmail, isNotEmpty, useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts, type Answer, type SessionData } from '@/api/accounts'
import { showProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import { Loaded } from '@/components/states'

interface Known {
  user: { full_name?: string; email?: string | null }
  email: { email: string }[]
}

interface Person {
  email: string
  full_name: string
}

export function ProviderSignup({ onAnswer }: { onAnswer: (answer: Answer<SessionData>) => void }) {
  const query = useQuery({
    queryKey: ['accounts', 'provider-signup'],
    queryFn: async () => (await accounts<Known>('GET', 'auth/provider/signup')).data,
  })
  return (
    <Loaded query={query} rows={2}>
      {(known) => (
        <ProviderSignupForm
          known={{
            full_name: known.user.full_name ?? '',
            email: known.email[0]?.email ?? known.user.email ?? '',
          }}
          onAnswer={onAnswer}
        />
      )}
    </Loaded>
  )
}

function ProviderSignupForm({
  known,
  onAnswer,
}: {
  known: Person
  onAnswer: (answer: Answer<SessionData>) => void
}) {
  const { t } = useTranslation('accounts')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm<Person>({
    initialValues: known,
    validate: { email: isEmail(t('emailNeeded')), full_name: isNotEmpty(t('nameNeeded')) },
  })
  const submit = async (person: Person) => {
    setBusy(true)
    setProblem(null)
    try {
      onAnswer(await accounts<SessionData>('POST', 'auth/provider/signup', person))
    } catch (error) {
      setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack gap="md">
        <FormProblem text={problem} />
        <TextInput label={t('fullName')} autoComplete="name" {...form.getInputProps('full_name')} />
        <TextInput label={t('email')} type="email" autoComplete="email" {...form.getInputProps('email')} />
        <Button type="submit" loading={busy}>
          {t('signUp')}
        </Button>
      </Stack>
    </form>
  )
}
