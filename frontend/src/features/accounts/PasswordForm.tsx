import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core'
import { isEmail, isNotEmpty, useForm } from '@mantine/form'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts, type Answer, type SessionData } from '@/api/accounts'
import { asProblem, showProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import { Password } from '@/components/Password'

export interface Credentials {
  email: string
  password: string
}

interface PasswordFormProps {
  email?: string
  onAnswer: (answer: Answer<SessionData>, typed: Credentials) => void
}

export function PasswordForm({ email = '', onAnswer }: PasswordFormProps) {
  const { t } = useTranslation('accounts')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm<Credentials>({
    initialValues: { email, password: '' },
    validate: { email: isEmail(t('emailNeeded')), password: isNotEmpty(t('passwordNeeded')) },
  })

  const submit = async (typed: Credentials) => {
    setBusy(true)
    setProblem(null)
    try {
      onAnswer(await logIn(typed), typed)
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
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="username webauthn"
          autoFocus={!email}
          {...form.getInputProps('email')}
        />
        <Password
          label={t('password')}
          autoComplete="current-password"
          autoFocus={Boolean(email)}
          {...form.getInputProps('password')}
        />
        <Group justify="space-between">
          <Anchor component={Link} to="/password/forgot" size="sm">
            {t('forgot')}
          </Anchor>
          <Button type="submit" loading={busy}>
            {t('logIn')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Another tab may have logged in meanwhile: then the answer is that session. */
export async function logIn(typed: Credentials): Promise<Answer<SessionData>> {
  try {
    return await accounts<SessionData>('POST', 'auth/login', typed)
  } catch (error) {
    if (asProblem(error).status !== 409) throw error
    return accounts<SessionData>('GET', 'auth/session')
  }
}
