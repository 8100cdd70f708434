/** TOTP: a code of an app beside the password. */
import { Badge, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts } from '@/api/accounts'
import { showProblem } from '@/api/problem'
import { confirmDanger, done, failed, FormProblem } from '@/components/forms'
import { Copyable } from '@/components/Secret'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { QrCode } from './QrCode'
import { useSensitive } from './Reauthentication'
import { authenticatorsQuery } from './requests'
import { ago, day } from './times'

interface Offer {
  secret: string
  totp_url: string
}

export function AuthenticatorApp() {
  const { t } = useTranslation('accounts')
  const client = useQueryClient()
  const sensitive = useSensitive()
  const query = useQuery(authenticatorsQuery)
  const [offer, setOffer] = useState<Offer>()
  const refresh = () => client.invalidateQueries({ queryKey: ['accounts'] })

  // The server answers with a secret as long as there is no app.
  const setUp = () =>
    sensitive(() => accounts('GET', 'account/authenticators/totp')).then((answer) => {
      if (answer) setOffer(answer.meta as unknown as Offer)
    }, failed)
  const remove = () =>
    sensitive(() => accounts('DELETE', 'account/authenticators/totp')).then((answer) => {
      if (!answer) return
      done(t('totpRemoved'))
      return refresh()
    }, failed)

  return (
    <Section title={t('totpTitle')} text={t('totpText')}>
      <Loaded query={query} rows={1}>
        {(authenticators) => {
          const app = authenticators.find(({ type }) => type === 'totp')
          if (!app)
            return (
              <Group>
                <Badge color="gray">{t('totpOff')}</Badge>
                <Button variant="default" onClick={() => void setUp()}>
                  {t('totpSetUp')}
                </Button>
              </Group>
            )
          return (
            <Group>
              <Badge>{t('totpOn', { at: day(app.created_at) })}</Badge>
              <Text size="sm" c="dimmed">
                {app.last_used_at ? t('lastUsed', { at: ago(app.last_used_at) }) : t('neverUsed')}
              </Text>
              <Button
                variant="default"
                onClick={() =>
                  confirmDanger({
                    title: t('totpRemove'),
                    text: t('totpRemoveText'),
                    confirm: t('totpRemove'),
                    cancel: t('cancel'),
                    onConfirm: () => void remove(),
                  })
                }
              >
                {t('totpRemove')}
              </Button>
            </Group>
          )
        }}
      </Loaded>
      <Modal opened={Boolean(offer)} onClose={() => setOffer(undefined)} title={t('totpTitle')}>
        {offer && (
          <Activation
            offer={offer}
            onDone={() => {
              setOffer(undefined)
              done(t('totpDone'))
              void refresh()
            }}
          />
        )}
      </Modal>
    </Section>
  )
}

function Activation({ offer, onDone }: { offer: Offer; onDone: () => void }) {
  const { t } = useTranslation('accounts')
  const sensitive = useSensitive()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (code) => (code.trim() ? null : t('codeNeeded')) },
  })
  const submit = async ({ code }: { code: string }) => {
    setBusy(true)
    setProblem(null)
    try {
      const body = { code: code.replace(/\s/g, '') }
      if (await sensitive(() => accounts('POST', 'account/authenticators/totp', body))) onDone()
    } catch (error) {
      setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Stack>
      <Text size="sm">{t('totpScan')}</Text>
      <QrCode text={offer.totp_url} label={t('totpQr')} />
      <div>
        <Text size="sm">{t('totpSecret')}</Text>
        <Copyable value={offer.secret} />
      </div>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack>
          <FormProblem text={problem} />
          <TextInput
            label={t('totpCode')}
            inputMode="numeric"
            autoComplete="one-time-code"
            data-autofocus
            classNames={{ input: 'tl-mono' }}
            {...form.getInputProps('code')}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={busy}>
              {t('totpActivate')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Stack>
  )
}
