/** The step after the password: a code of the app, a recovery code, or a passkey. */
import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconFingerprint } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts, type Answer, type SessionData } from '@/api/accounts'
import { asProblem, showProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import { passkeysSupported, askPasskey } from './passkeys'

interface SecondStepProps {
  /** Of totp, webauthn, recovery_codes: what the person has set up. */
  types: string[]
  onAnswer: (answer: Answer<SessionData>) => void
  onRestart: () => void
}

export function SecondStep({ types, onAnswer, onRestart }: SecondStepProps) {
  const { t } = useTranslation('accounts')
  const [recovery, setRecovery] = useState(!types.includes('totp') && !types.includes('webauthn'))
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (code) => (code.trim() ? null : t('codeNeeded')) },
  })
  const passkey = types.includes('webauthn') && passkeysSupported()

  const run = async (ask: () => Promise<Answer<SessionData>>) => {
    setBusy(true)
    setProblem(null)
    try {
      onAnswer(await ask())
    } catch (error) {
      setProblem(asProblem(error).errors.length ? showProblem(form, error) : asProblem(error).detail)
    } finally {
      setBusy(false)
    }
  }
  const send = ({ code }: { code: string }) =>
    run(() => accounts<SessionData>('POST', 'auth/2fa/authenticate', { code: code.replace(/\s/g, '') }))

  return (
    <Stack gap="md">
      <FormProblem text={problem} />
      {passkey && !recovery && (
        <Button
          variant={types.includes('totp') ? 'default' : 'filled'}
          leftSection={<IconFingerprint size={18} />}
          onClick={() => void run(() => askPasskey('webauthn/authenticate', t('passkeyFailed')))}
        >
          {t('usePasskey')}
        </Button>
      )}
      {(recovery || types.includes('totp')) && (
        <form onSubmit={form.onSubmit(send)} noValidate>
          <Stack gap="md">
            <TextInput
              // Another kind of code is another field: nothing of the old one stays.
              key={String(recovery)}
              label={recovery ? t('recoveryCode') : t('code')}
              autoComplete="one-time-code"
              inputMode={recovery ? 'text' : 'numeric'}
              autoFocus
              classNames={{ input: 'tl-mono' }}
              {...form.getInputProps('code')}
            />
            <Button type="submit" loading={busy}>
              {t('confirm')}
            </Button>
          </Stack>
        </form>
      )}
      <Group justify="space-between">
        {types.includes('recovery_codes') && (
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => {
              form.reset()
              setRecovery(!recovery)
            }}
          >
            {recovery ? t(types.includes('totp') ? 'useApp' : 'usePasskey') : t('useRecoveryCode')}
          </Anchor>
        )}
        <Anchor component="button" type="button" size="sm" onClick={onRestart}>
          {t('startAgain')}
        </Anchor>
      </Group>
    </Stack>
  )
}
