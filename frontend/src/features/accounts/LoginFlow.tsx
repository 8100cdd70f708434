/** Logging in, from the password to the last step. On the login page, and over a page whose session is lost. */
import { Stack } from '@mantine/core'
import { useState } from 'react'
import type { Answer, SessionData } from '@/api/accounts'
import { LookIntoMail } from './LookIntoMail'
import { OtherWays } from './OtherWays'
import { PasswordForm, type Credentials } from './PasswordForm'
import { ProviderSignup } from './ProviderSignup'
import { SecondStep } from './SecondStep'
import { type Step, stepOf } from './steps'

interface LoginFlowProps {
  /** What an earlier visit has left to be done. */
  initial?: Step
  email?: string
  /** Where providers send the browser back to. */
  next: string
  onDone: (user: string) => void
  onStep?: (step: Step) => void
}

export function LoginFlow({ initial = { kind: 'password' }, email, next, onDone, onStep }: LoginFlowProps) {
  const [step, setStep] = useState(initial)
  const [typed, setTyped] = useState<Credentials>()

  const go = (answer: Answer<SessionData>) => {
    const coming = stepOf(answer)
    if (coming.kind === 'done') return onDone(coming.user)
    setStep(coming)
    onStep?.(coming)
  }
  const restart = () => {
    setStep({ kind: 'password' })
    onStep?.({ kind: 'password' })
  }

  if (step.kind === 'second') return <SecondStep types={step.types} onAnswer={go} onRestart={restart} />
  if (step.kind === 'mail') return <LookIntoMail typed={typed} onAnswer={go} onRestart={restart} />
  if (step.kind === 'providerSignup') return <ProviderSignup onAnswer={go} />
  return (
    <Stack gap="md">
      <PasswordForm
        email={typed?.email ?? email}
        onAnswer={(answer, credentials) => {
          setTyped(credentials)
          go(answer)
        }}
      />
      <OtherWays next={next} onAnswer={go} />
    </Stack>
  )
}
