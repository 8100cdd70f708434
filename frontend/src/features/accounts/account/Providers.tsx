import { Button, Group, Stack, Text } from '@mantine/core'
import { IconBuilding } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { accounts } from '@/api/accounts'
import { confirmDanger, done, failed, FormProblem } from '@/components/forms'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { configQuery } from '../config'
import { useProviderFault } from '../providerFault'
import { toProvider } from '../providers'
import { useSensitive } from './Reauthentication'
import { type ProviderAccount, providersQuery } from './requests'

/** Nothing on a platform without providers, as long as nothing is connected. */
export function Providers() {
  const { t } = useTranslation('accounts')
  const query = useQuery(providersQuery)
  const { data: config } = useQuery(configQuery)
  const fault = useProviderFault()
  const connected = query.data ?? []
  const others = (config?.providers ?? []).filter(
    ({ id }) => !connected.some(({ provider }) => provider.id === id),
  )
  if (connected.length + others.length === 0) return null
  return (
    <Section title={t('providersTitle')} text={t('providersText')}>
      <FormProblem text={fault} />
      <Loaded query={query} rows={1}>
        {() => (
          <Stack gap="sm" align="flex-start">
            {connected.map((account) => (
              <Connected key={account.provider.id + account.uid} account={account} />
            ))}
            <Group gap="xs">
              {others.map(({ id, name }) => (
                <Button key={id} variant="default" onClick={() => toProvider(id, '/account', 'connect')}>
                  {t('providerConnect', { name })}
                </Button>
              ))}
            </Group>
          </Stack>
        )}
      </Loaded>
    </Section>
  )
}

function Connected({ account: { uid, display, provider } }: { account: ProviderAccount }) {
  const { t } = useTranslation('accounts')
  const client = useQueryClient()
  const sensitive = useSensitive()
  const { name } = provider
  const disconnect = () =>
    sensitive(() =>
      accounts<ProviderAccount[]>('DELETE', 'account/providers', { provider: provider.id, account: uid }),
    ).then((answer) => {
      if (!answer) return
      client.setQueryData(providersQuery.queryKey, answer.data)
      done(t('providerDisconnected', { name }))
    }, failed)
  return (
    <Group gap="sm" w="100%">
      <IconBuilding size={18} aria-hidden />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" fw={500}>
          {name}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {display}
        </Text>
      </div>
      <Button
        size="xs"
        variant="default"
        onClick={() =>
          confirmDanger({
            title: t('providerDisconnect', { name }),
            text: t('providerDisconnectText', { name }),
            confirm: t('providerDisconnect', { name }),
            cancel: t('cancel'),
            onConfirm: () => void disconnect(),
          })
        }
      >
        {t('providerDisconnect', { name })}
      </Button>
    </Group>
  )
}
