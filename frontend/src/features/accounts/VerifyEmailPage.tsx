import { Alert, Button, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { accounts, type SessionData } from '@/api/accounts'
import { asProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import { Failed, Loading } from '@/components/states'
import { Entrance } from './Entrance'
import { entrance, goTo, recallNext } from './next'
import { stepOf } from './steps'

/** The link of an e-mail. It takes a click: programs that look at mails follow links too. */
export function VerifyEmailPage() {
  const { t } = useTranslation('accounts')
  const { key } = useParams({ strict: false }) as { key: string }
  const found = useQuery({
    queryKey: ['accounts', 'verify', key],
    queryFn: async () =>
      (
        await accounts<{ email: string }>('GET', 'auth/email/verify', undefined, {
          'X-Email-Verification-Key': key,
        })
      ).data,
    staleTime: Infinity,
  })
  const verify = useMutation({
    mutationFn: () => accounts<SessionData>('POST', 'auth/email/verify', { key }),
    onSuccess: (answer) => {
      if (stepOf(answer).kind === 'done') goTo(recallNext())
    },
  })

  if (found.isError && asProblem(found.error).status === 400)
    return (
      <Entrance title={t('verifyBad')} lead={t('verifyBadText')}>
        <Button component={Link} to="/login">
          {t('logIn')}
        </Button>
      </Entrance>
    )
  return (
    <Entrance title={t('verifyTitle')}>
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Loading rows={2} />}
      {found.data && !verify.isSuccess && (
        <>
          <Text>{t('verifyText', { email: found.data.email })}</Text>
          <FormProblem text={verify.isError ? asProblem(verify.error).detail : null} />
          <Button loading={verify.isPending} onClick={() => verify.mutate()}>
            {t('verify')}
          </Button>
        </>
      )}
      {verify.isSuccess && (
        <>
          <Alert role="status">{t('verifiedLogIn')}</Alert>
          <Button component={Link} {...entrance('/login', { email: found.data?.email })}>
            {t('logIn')}
          </Button>
        </>
      )}
    </Entrance>
  )
}
