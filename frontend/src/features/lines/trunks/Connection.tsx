/** What to tell a carrier so that its calls find us. */
import { Group, Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { Copyable } from '@/components/Secret'
import { Loaded } from '@/components/states'
import classes from './trunks.module.css'

export function Connection() {
  const { t } = useTranslation('lines')
  const query = $api.useQuery('get', '/api/v1/trunks/connection')
  return (
    <Paper p="md" component="section" aria-label={t('connection')}>
      <Stack gap="sm">
        <div>
          <Title order={2} size="h3">
            {t('connection')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('connectionLead')}
          </Text>
        </div>
        <Loaded query={query} rows={3}>
          {({ addresses, transports, codecs, dtmf, rtp_ports: ports }) => (
            <dl className={classes.facts}>
              <Fact name={t('ourAddress')}>
                {addresses.length > 0 ? (
                  <Group gap="md">
                    {addresses.map((address) => (
                      <Copyable
                        key={address}
                        value={`sip:${address}`}
                        label={t('copyAddress', { address })}
                      />
                    ))}
                  </Group>
                ) : (
                  <Text size="sm">{t('noNode')}</Text>
                )}
              </Fact>
              <Fact name={t('transports')}>{transports.join(', ').toUpperCase()}</Fact>
              <Fact name={t('codecs')}>
                <Copyable value={codecs.join(', ')} label={t('copyCodecs')} />
              </Fact>
              <Fact name={t('keys')}>{dtmf}</Fact>
              <Fact name={t('audioPorts')}>
                <Copyable value={`${ports.first}-${ports.last}`} label={t('copyPorts')} />
              </Fact>
              <Fact name={t('numberShape')}>{t('numberShapeText')}</Fact>
            </dl>
          )}
        </Loaded>
      </Stack>
    </Paper>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
