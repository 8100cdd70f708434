import { Anchor, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts, type SessionData } from '@/api/accounts'
import { FormProblem } from '@/components/forms'
import { Loaded } from '@/components/states'
import { configQuery } from './config'
import { Entrance } from './Entrance'
import { LoginFlow } from './LoginFlow'
import { entrance, goTo, recallNext, rememberNext, safeNext } from './next'
import { useProviderFault } from './providerFault'
import { type Step, stepOf } from './steps'

/** What the address carries: where to go afterwards, and who is expected. */
export function useEntranceSearch() {
  const search: { next?: unknown; email?: unknown } = useSearch({ strict: false })
  return {
    next: safeNext(search.next),
    email: typeof search.email === 'string' ? search.email : undefined,
  }
}

export function LoginPage() {
  const { t } = useTranslation('accounts')
  const { next, email } = useEntranceSearch()
  const { data: config } = useQuery(configQuery)
  const [step, setStep] = useState<Step>()
  // Somebody may be logged in already, or come back from a provider with a step still to take.
  const session = useQuery({
    queryKey: ['accounts', 'session'],
    queryFn: async () => stepOf(await accounts<SessionData>('GET', 'auth/session')),
    staleTime: Infinity,
    gcTime: 0,
  })
  const here = step ?? session.data
  const fault = useProviderFault()
  const leave = () => goTo(next === '/' ? recallNext() : next)
  useEffect(() => {
    if (session.data?.kind === 'done') goTo(next)
  }, [session.data, next])
  useEffect(() => {
    if (here?.kind === 'mail') rememberNext(next)
  }, [here, next])

  const { title, lead } = useHeading(here)
  return (
    <Entrance title={title} lead={lead}>
      {here?.kind === 'password' && <FormProblem text={fault} />}
      <Loaded query={session} rows={3}>
        {(initial) =>
          initial.kind === 'done' ? null : (
            <LoginFlow initial={initial} email={email} next={next} onDone={leave} onStep={setStep} />
          )
        }
      </Loaded>
      {config?.open && here?.kind === 'password' && (
        <Text size="sm">
          {t('noAccount')}{' '}
          <Anchor component={Link} {...entrance('/signup', { next, email })}>
            {t('signUpInstead')}
          </Anchor>
        </Text>
      )}
    </Entrance>
  )
}

function useHeading(step: Step | undefined) {
  const { t } = useTranslation('accounts')
  if (step?.kind === 'second') return { title: t('secondTitle'), lead: t('secondLead') }
  if (step?.kind === 'mail') return { title: t('mailTitle') }
  if (step?.kind === 'providerSignup')
    return {
      title: t('providerSignupTitle'),
      lead: t('providerSignupLead', { provider: step.provider }),
    }
  return { title: t('loginTitle'), lead: t('loginLead') }
}
