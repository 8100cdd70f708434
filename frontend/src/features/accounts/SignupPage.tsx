import { Alert, Anchor, Button, Stack, Text, TextInput } from '@mantine/core'
import { hasLength, isEmail, isNotEmpty, useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts, type Answer, type SessionData } from '@/api/accounts'
import { showProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import { Password } from '@/components/Password'
import { configQuery } from './config'
import { Entrance } from './Entrance'
import { useEntranceSearch } from './LoginPage'
import { LookIntoMail } from './LookIntoMail'
import { entrance, goTo, rememberNext } from './next'
import type { Credentials } from './PasswordForm'
import { stepOf } from './steps'

export const PASSWORD_LENGTH = 10

type NewPerson = Credentials & { full_name: string }

export function SignupPage() {
  const { t } = useTranslation('accounts')
  const { next, email } = useEntranceSearch()
  const { data: config } = useQuery(configQuery)
  const [typed, setTyped] = useState<NewPerson>()
  const [waiting, setWaiting] = useState(false)

  const onAnswer = (answer: Answer<SessionData>, person?: NewPerson) => {
    if (stepOf(answer).kind === 'done') return goTo(next)
    if (person) setTyped(person)
    rememberNext(next)
    setWaiting(true)
  }

  if (waiting)
    return (
      <Entrance title={t('mailTitle')}>
        <LookIntoMail typed={typed} onAnswer={onAnswer} onRestart={() => setWaiting(false)} />
      </Entrance>
    )
  return (
    <Entrance title={t('signupTitle')} lead={t('signupLead')}>
      {config?.open === false ? (
        <Alert>{t('signupClosed')}</Alert>
      ) : (
        <SignupForm
          typed={typed ?? { email: email ?? '', password: '', full_name: '' }}
          onAnswer={onAnswer}
        />
      )}
      <Text size="sm">
        {t('haveAccount')}{' '}
        <Anchor component={Link} {...entrance('/login', { next, email })}>
          {t('logInInstead')}
        </Anchor>
      </Text>
    </Entrance>
  )
}

function SignupForm({
  typed,
  onAnswer,
}: {
  typed: NewPerson
  onAnswer: (answer: Answer<SessionData>, person: NewPerson) => void
}) {
  const { t } = useTranslation('accounts')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm<NewPerson>({
    initialValues: typed,
    validate: {
      full_name: isNotEmpty(t('nameNeeded')),
      email: isEmail(t('emailNeeded')),
      password: hasLength({ min: PASSWORD_LENGTH }, t('passwordShort')),
    },
  })
  const submit = async (person: NewPerson) => {
    setBusy(true)
    setProblem(null)
    try {
      onAnswer(await accounts<SessionData>('POST', 'auth/signup', person), person)
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
        <TextInput label={t('fullName')} autoComplete="name" autoFocus {...form.getInputProps('full_name')} />
        <TextInput label={t('email')} type="email" autoComplete="email" {...form.getInputProps('email')} />
        <Password
          label={t('password')}
          description={t('passwordHint')}
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
        <Button type="submit" loading={busy}>
          {t('signUp')}
        </Button>
      </Stack>
    </form>
  )
}
