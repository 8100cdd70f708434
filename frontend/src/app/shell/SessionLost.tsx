/**
 * Over a page whose session has ended: log in right there, and the page goes on with all that was typed.
 * When somebody else logs in, nothing of the first person's page may stay.
 */
import { Alert, Loader, Modal, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { onSessionLost } from '@/api/client'
import { type Me, meQuery } from '@/api/session'
import { withTexts } from '../i18n'

// The form's texts come with it: no page of theirs may have been open before.
const login = withTexts('accounts', async () => {
  const [form, texts] = await Promise.all([
    import('@/features/accounts/LoginFlow'),
    import('@/features/accounts/texts'),
  ])
  return { ...form, texts: texts.accounts }
})
const LoginFlow = lazy(() => login().then((m) => ({ default: m.LoginFlow })))

export function SessionLost() {
  const { t } = useTranslation('shell')
  const client = useQueryClient()
  const here = useRouterState({ select: (state) => state.location.href })
  const [lost, setLost] = useState(false)
  // Before anybody was logged in there is nothing to lose: the routes lead to the login.
  useEffect(() => onSessionLost(() => setLost(Boolean(client.getQueryData(meQuery().queryKey)))), [client])
  const me = client.getQueryData<Me>(meQuery().queryKey)
  // Who goes for a new password comes back by the login.
  if (!lost || !me || here.startsWith('/password/') || here.startsWith('/login')) return null

  const goOn = (user: string) => {
    if (user !== me.user.id) return window.location.reload()
    setLost(false)
    // What was refused meanwhile is asked again; what is there stays, under the hands of whoever types.
    void client.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' })
    void client.invalidateQueries(meQuery())
  }

  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t('lostTitle')}
      size="sm"
      zIndex={1000}
    >
      <Stack>
        <Text size="sm">{t('lostText')}</Text>
        {me.impersonator ? (
          <Alert color="amber">{t('lostImpersonated')}</Alert>
        ) : (
          <Suspense fallback={<Loader mx="auto" />}>
            <LoginFlow email={me.user.email} next={here} onDone={goOn} />
          </Suspense>
        )}
      </Stack>
    </Modal>
  )
}
