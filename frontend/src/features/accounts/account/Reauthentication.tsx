/**
 * What touches the safety of an account needs a fresh proof of who is there. `useSensitive` runs a request,
 * asks for that proof in a dialog when the server wants one, and runs it again.
 */
import { Anchor, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconFingerprint } from '@tabler/icons-react'
import { createContext, type ReactNode, useContext, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts, type Answer, type Flow } from '@/api/accounts'
import { asProblem, showProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import { Password } from '@/components/Password'
import { passkeysSupported, askPasskey } from '../passkeys'

interface Asked {
  flows: Flow[]
  answer: (proven: boolean) => void
}

type Prove = (flows: Flow[]) => Promise<boolean>
const Context = createContext<Prove>(() => Promise.resolve(false))

export function Reauthentication({ children }: { children: ReactNode }) {
  const { t } = useTranslation('accounts')
  const [asked, setAsked] = useState<Asked>()
  const prove: Prove = (flows) => new Promise((answer) => setAsked({ flows, answer }))
  const close = (proven: boolean) => {
    asked?.answer(proven)
    setAsked(undefined)
  }
  return (
    <Context.Provider value={prove}>
      {children}
      <Modal opened={Boolean(asked)} onClose={() => close(false)} title={t('reauthTitle')} size="sm">
        {asked && <Proof flows={asked.flows} onProven={() => close(true)} />}
      </Modal>
    </Context.Provider>
  )
}

/** Null when the person gave no proof; every failure of the request is thrown. */
export function useSensitive() {
  const prove = useContext(Context)
  return async <T,>(ask: () => Promise<Answer<T>>): Promise<Answer<T> | null> => {
    const answer = await ask()
    if (answer.status !== 401 || !answer.meta.is_authenticated) return answer
    const { flows } = answer.data as { flows: Flow[] }
    return (await prove(flows)) ? ask() : null
  }
}

function Proof({ flows, onProven }: { flows: Flow[]; onProven: () => void }) {
  const { t } = useTranslation('accounts')
  const types = flows.find((flow) => flow.id === 'mfa_reauthenticate')?.types ?? []
  const passkey = types.includes('webauthn') && passkeysSupported()
  const codes = types.includes('totp') || types.includes('recovery_codes')
  const password = flows.some((flow) => flow.id === 'reauthenticate')
  const [byCode, setByCode] = useState(!password)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm({ initialValues: { password: '', code: '' } })

  const run = async (ask: () => Promise<unknown>) => {
    setBusy(true)
    setProblem(null)
    try {
      await ask()
      onProven()
    } catch (error) {
      setProblem(asProblem(error).errors.length ? showProblem(form, error) : asProblem(error).detail)
    } finally {
      setBusy(false)
    }
  }
  const submit = (typed: { password: string; code: string }) =>
    run(() =>
      byCode
        ? accounts('POST', 'auth/2fa/reauthenticate', { code: typed.code.replace(/\s/g, '') })
        : accounts('POST', 'auth/reauthenticate', { password: typed.password }),
    )

  return (
    <Stack gap="md">
      <Text size="sm">{t('reauthText')}</Text>
      <FormProblem text={problem} />
      {passkey && (
        <Button
          variant="default"
          leftSection={<IconFingerprint size={18} />}
          onClick={() => void run(() => askPasskey('webauthn/reauthenticate', t('passkeyFailed')))}
        >
          {t('reauthPasskey')}
        </Button>
      )}
      {(password || codes) && (
        <form onSubmit={form.onSubmit(submit)} noValidate>
          <Stack gap="md">
            {byCode ? (
              <TextInput
                label={t('reauthCode')}
                autoComplete="one-time-code"
                data-autofocus
                {...form.getInputProps('code')}
              />
            ) : (
              <Password
                label={t('password')}
                autoComplete="current-password"
                data-autofocus
                {...form.getInputProps('password')}
              />
            )}
            <Group justify="space-between">
              {password && codes ? (
                <Anchor component="button" type="button" size="sm" onClick={() => setByCode(!byCode)}>
                  {byCode ? t('reauthUsePassword') : t('reauthUseCode')}
                </Anchor>
              ) : (
                <span />
              )}
              <Button type="submit" loading={busy}>
                {t('confirm')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Stack>
  )
}
