/** The two pages of a forgotten password. */
import { Alert, Anchor, Button, Stack, TextInput } from '@mantine/core'
import { hasLength, isEmail, useForm } from '@mantine/form'
import { IconMail, IconTerminal2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts } from '@/api/accounts'
import { asProblem, showProblem } from '@/api/problem'
import { done, FormProblem } from '@/components/forms'
import { Failed, Loading } from '@/components/states'
import { Password } from '@/components/Password'
import { mailInTerminal } from './config'
import { Entrance } from './Entrance'
import { useEntranceSearch } from './LoginPage'
import { entrance } from './next'
import { PASSWORD_LENGTH } from './SignupPage'

export function ForgotPasswordPage() {
  const { t } = useTranslation('accounts')
  const { email } = useEntranceSearch()
  const [sentTo, setSentTo] = useState<string>()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm({
    initialValues: { email: email ?? '' },
    validate: { email: isEmail(t('emailNeeded')) },
  })

  const submit = async (typed: { email: string }) => {
    setBusy(true)
    setProblem(null)
    try {
      await accounts('POST', 'auth/password/request', typed)
      setSentTo(typed.email)
    } catch (error) {
      setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Entrance title={sentTo ? t('mailTitle') : t('forgotTitle')} lead={sentTo ? undefined : t('forgotLead')}>
      {sentTo ? (
        <>
          <Alert icon={<IconMail size={18} />} role="status">
            {t('forgotSent', { email: sentTo })}
          </Alert>
          {mailInTerminal() && (
            <Alert color="amber" icon={<IconTerminal2 size={18} />}>
              {t('mailTerminal')}
            </Alert>
          )}
        </>
      ) : (
        <form onSubmit={form.onSubmit(submit)} noValidate>
          <Stack gap="md">
            <FormProblem text={problem} />
            <TextInput
              label={t('email')}
              type="email"
              autoComplete="email"
              autoFocus
              {...form.getInputProps('email')}
            />
            <Button type="submit" loading={busy}>
              {t('forgotSend')}
            </Button>
          </Stack>
        </form>
      )}
      <Anchor component={Link} to="/login" size="sm">
        {t('backToLogin')}
      </Anchor>
    </Entrance>
  )
}

export function ResetPasswordPage() {
  const { t } = useTranslation('accounts')
  const { key } = useParams({ strict: false }) as { key: string }
  const found = useQuery({
    queryKey: ['accounts', 'reset', key],
    queryFn: async () =>
      (
        await accounts<{ user: { email: string } }>('GET', 'auth/password/reset', undefined, {
          'X-Password-Reset-Key': key,
        })
      ).data.user.email,
    staleTime: Infinity,
  })
  if (found.isError && asProblem(found.error).status === 400)
    return (
      <Entrance title={t('resetBad')} lead={t('resetBadText')}>
        <Button component={Link} to="/password/forgot">
          {t('resetAgain')}
        </Button>
      </Entrance>
    )
  return (
    <Entrance title={t('resetTitle')} lead={found.data && t('resetLead', { email: found.data })}>
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Loading rows={2} />}
      {found.data && <ResetForm resetKey={key} email={found.data} />}
    </Entrance>
  )
}

function ResetForm({ resetKey, email }: { resetKey: string; email: string }) {
  const { t } = useTranslation('accounts')
  const navigate = useNavigate()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: hasLength({ min: PASSWORD_LENGTH }, t('passwordShort')) },
  })
  const submit = async ({ password }: { password: string }) => {
    setBusy(true)
    setProblem(null)
    try {
      await accounts('POST', 'auth/password/reset', { key: resetKey, password })
      done(t('resetDone'))
      await navigate(entrance('/login', { email }))
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
        {/* For the browser's store of passwords. */}
        <input type="email" value={email} autoComplete="username" readOnly hidden />
        <Password
          label={t('newPassword')}
          description={t('passwordHint')}
          autoComplete="new-password"
          autoFocus
          {...form.getInputProps('password')}
        />
        <Button type="submit" loading={busy}>
          {t('resetSave')}
        </Button>
      </Stack>
    </form>
  )
}
