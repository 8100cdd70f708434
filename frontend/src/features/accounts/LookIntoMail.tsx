/** A link was sent. Goes on by itself when it has been followed in another tab of this browser. */
import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useInterval, useWindowEvent } from '@mantine/hooks'
import { IconMail, IconTerminal2 } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts, type Answer, type SessionData } from '@/api/accounts'
import { asProblem } from '@/api/problem'
import { done, FormProblem } from '@/components/forms'
import { mailInTerminal } from './config'
import { type Credentials, logIn } from './PasswordForm'
import { stepOf } from './steps'

// The server sends no second mail within this time.
const WAIT_S = 60

interface LookIntoMailProps {
  /** Known when they were typed on this page: the mail is sent again by logging in with them. */
  typed?: Credentials
  onAnswer: (answer: Answer<SessionData>) => void
  onRestart: () => void
}

export function LookIntoMail({ typed, onAnswer, onRestart }: LookIntoMailProps) {
  const { t } = useTranslation('accounts')
  const [wait, setWait] = useState(WAIT_S)
  const [problem, setProblem] = useState<string | null>(null)
  useInterval(() => setWait((s) => Math.max(0, s - 1)), 1000, { autoInvoke: true })
  useWindowEvent('focus', () => {
    const goOn = (answer: Answer<SessionData>) => {
      if (stepOf(answer).kind === 'done') onAnswer(answer)
    }
    // Only a try: whoever waits here loses nothing when it fails.
    accounts<SessionData>('GET', 'auth/session').then(goOn, () => {})
  })

  const resend = async () => {
    setProblem(null)
    try {
      const answer = await logIn(typed!)
      if (stepOf(answer).kind !== 'mail') return onAnswer(answer)
      done(t('mailResent'))
      setWait(WAIT_S)
    } catch (error) {
      setProblem(asProblem(error).detail)
    }
  }

  return (
    <Stack gap="md">
      <Alert icon={<IconMail size={18} />} role="status">
        {typed ? t('mailText', { email: typed.email }) : t('mailTextUnknown')}
      </Alert>
      {mailInTerminal() && (
        <Alert color="amber" icon={<IconTerminal2 size={18} />}>
          {t('mailTerminal')}
        </Alert>
      )}
      <FormProblem text={problem} />
      {typed && (
        <>
          <Text size="sm" c="dimmed">
            {t('mailSpam')}
          </Text>
          <Group justify="space-between">
            <Button variant="default" disabled={wait > 0} onClick={() => void resend()}>
              {wait > 0 ? t('mailWait', { seconds: wait }) : t('mailResend')}
            </Button>
            <Anchor component="button" type="button" size="sm" onClick={onRestart}>
              {t('mailOther')}
            </Anchor>
          </Group>
        </>
      )}
    </Stack>
  )
}
