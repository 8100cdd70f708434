import { ActionIcon, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconFingerprint, IconPencil, IconTrash } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts } from '@/api/accounts'
import { showProblem } from '@/api/problem'
import { confirmDanger, done, failed, FormButtons, FormProblem } from '@/components/forms'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { createPasskey, passkeysSupported } from '../passkeys'
import { useSensitive } from './Reauthentication'
import { type Authenticator, authenticatorsQuery } from './requests'
import { ago, day } from './times'

const PATH = 'account/authenticators/webauthn'

export function Passkeys() {
  const { t } = useTranslation('accounts')
  const client = useQueryClient()
  const query = useQuery(authenticatorsQuery)
  // A passkey that gets a name: one that is there, or null for a new one.
  const [naming, setNaming] = useState<Authenticator | null>()
  const refresh = () => client.invalidateQueries({ queryKey: ['accounts'] })
  return (
    <Section title={t('passkeysTitle')} text={t('passkeysText')}>
      <Loaded query={query} rows={1}>
        {(authenticators) => {
          const passkeys = authenticators.filter(({ type }) => type === 'webauthn')
          return (
            <Stack gap="sm" align="flex-start">
              {passkeys.length === 0 && (
                <Text size="sm" c="dimmed">
                  {t('passkeysNone')}
                </Text>
              )}
              {passkeys.map((passkey) => (
                <Passkey
                  key={passkey.id}
                  passkey={passkey}
                  onRename={() => setNaming(passkey)}
                  onGone={refresh}
                />
              ))}
              {passkeysSupported() ? (
                <Button variant="default" onClick={() => setNaming(null)}>
                  {t('passkeyAdd')}
                </Button>
              ) : (
                <Text size="sm">{t('passkeysUnsupported')}</Text>
              )}
            </Stack>
          )
        }}
      </Loaded>
      <Modal
        opened={naming !== undefined}
        onClose={() => setNaming(undefined)}
        title={naming ? t('passkeyRename', { name: naming.name ?? '' }) : t('passkeyAdd')}
        size="sm"
      >
        {naming !== undefined && (
          <NameForm
            passkey={naming}
            onDone={() => {
              setNaming(undefined)
              done(naming ? t('passkeyRenamed') : t('passkeyAdded'))
              void refresh()
            }}
          />
        )}
      </Modal>
    </Section>
  )
}

interface PasskeyProps {
  passkey: Authenticator
  onRename: () => void
  onGone: () => void
}

function Passkey({ passkey, onRename, onGone }: PasskeyProps) {
  const { t } = useTranslation('accounts')
  const sensitive = useSensitive()
  const { name = '', created_at, last_used_at } = passkey
  const remove = () =>
    sensitive(() => accounts('DELETE', PATH, { authenticators: [passkey.id] })).then((answer) => {
      if (!answer) return
      done(t('passkeyRemoved'))
      onGone()
    }, failed)
  return (
    <Group gap="sm" wrap="nowrap" w="100%">
      <IconFingerprint size={18} aria-hidden />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" fw={500} truncate>
          {name}
        </Text>
        <Text size="xs" c="dimmed">
          {t('added', { at: day(created_at) })}
          {', '}
          {last_used_at ? t('lastUsed', { at: ago(last_used_at) }) : t('neverUsed')}
        </Text>
      </div>
      <ActionIcon variant="subtle" color="gray" aria-label={t('passkeyRename', { name })} onClick={onRename}>
        <IconPencil size={16} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="red"
        aria-label={t('passkeyRemove', { name })}
        onClick={() =>
          confirmDanger({
            title: t('passkeyRemove', { name }),
            text: t('passkeyRemoveText', { name }),
            confirm: t('passkeyRemove', { name }),
            cancel: t('cancel'),
            onConfirm: () => void remove(),
          })
        }
      >
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  )
}

function NameForm({ passkey, onDone }: { passkey: Authenticator | null; onDone: () => void }) {
  const { t } = useTranslation('accounts')
  const sensitive = useSensitive()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm({ initialValues: { name: passkey?.name ?? t('passkeyDefault') } })

  const add = async (name: string) => {
    const offered = await sensitive(() =>
      accounts<{ creation_options: { publicKey: Record<string, unknown> } }>('GET', `${PATH}?passwordless`),
    )
    if (!offered) return null
    const credential = await createPasskey(offered.data.creation_options, t('passkeyNotAdded'))
    return sensitive(() => accounts('POST', PATH, { name, credential, passwordless: true }))
  }
  const submit = async ({ name }: { name: string }) => {
    setBusy(true)
    setProblem(null)
    try {
      const answer = passkey
        ? await sensitive(() => accounts('PUT', PATH, { id: passkey.id, name }))
        : await add(name)
      if (answer) onDone()
    } catch (error) {
      setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack>
        <FormProblem text={problem} />
        <TextInput
          label={t('passkeyName')}
          description={t('passkeyNameHint')}
          maxLength={100}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <FormButtons label={passkey ? t('save') : t('passkeyAdd')} busy={busy} />
      </Stack>
    </form>
  )
}
