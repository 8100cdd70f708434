/** What to tell a carrier, PBX or phone so that its calls find us. */
import { Code, Group, Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import { Copyable } from '@/components/Secret'
import { Loaded } from '@/components/states'
import type { Trunk } from '../data'
import classes from './trunks.module.css'

type Told = components['schemas']['Connection']
type ToldOfTrunk = components['schemas']['TrunkConnection']

/** Of all trunks. */
export function Connection() {
  const { t } = useTranslation('lines')
  const query = $api.useQuery('get', '/api/v1/trunks/connection')
  return (
    <Frame title={t('connection')} lead={t('connectionLead')}>
      <Loaded query={query} rows={3}>
        {(told) => (
          <dl className={classes.facts}>
            <Addresses told={told} />
            <Fact name={t('ownDomain')}>{t('ownDomainText', { domain: told.sip_domain })}</Fact>
            <Media told={told} />
            <Fact name={t('numberShape')}>{t('numberShapeText')}</Fact>
          </dl>
        )}
      </Loaded>
    </Frame>
  )
}

/** Of one trunk; `password` is given only where it has just been made up. */
export function TrunkConnection({ trunk, password }: { trunk: Trunk; password?: string }) {
  const { t } = useTranslation('lines')
  const query = $api.useQuery('get', '/api/v1/trunks/{id}/connection', { params: { path: { id: trunk.id } } })
  const registers = trunk.registration === 'inbound'
  return (
    <Frame
      title={registers ? t('connectionPhone') : t('connection')}
      lead={registers ? t('connectionPhoneLead') : t('connectionLead')}
    >
      <Loaded query={query} rows={5}>
        {(told) => (
          <dl className={classes.facts}>
            {registers ? <Registrar told={told} /> : <Addresses told={told} />}
            {!registers && trunk.direction !== 'outbound' && <Uri told={told} />}
            {told.username && <Account told={told} password={password} />}
            <Media told={told} />
            <Fact name={t('srtp')}>{t(`srtps.${trunk.srtp}`)}</Fact>
          </dl>
        )}
      </Loaded>
    </Frame>
  )
}

function Frame({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Stack gap="sm">
        <div>
          <Title order={2} size="h3">
            {title}
          </Title>
          <Text size="sm" c="dimmed">
            {lead}
          </Text>
        </div>
        {children}
      </Stack>
    </Paper>
  )
}

function Registrar({ told }: { told: ToldOfTrunk }) {
  const { t } = useTranslation('lines')
  return (
    <>
      <Fact name={t('domain')} help={t('domainHelp')}>
        <Copyable value={told.domain} label={t('copyDomain')} />
      </Fact>
      <Fact name={t('proxy')} help={t('proxyHelp')}>
        <AddressList addresses={told.addresses} prefix="" />
      </Fact>
    </>
  )
}

function Uri({ told }: { told: ToldOfTrunk }) {
  const { t } = useTranslation('lines')
  return (
    <Fact name={t('requestUri')} help={t('requestUriHelp')}>
      <Copyable value={told.request_uri} label={t('copyUri')} />
    </Fact>
  )
}

function Account({ told, password }: { told: ToldOfTrunk; password?: string }) {
  const { t } = useTranslation('lines')
  return (
    <>
      <Fact name={t('username')}>
        <Copyable value={told.username} label={t('copyUsername')} />
      </Fact>
      <Fact name={t('password')} help={password && t('passwordOnce')}>
        {password ? (
          <Copyable value={password} label={t('copyPassword')} />
        ) : (
          <Text size="sm">{t('passwordHidden')}</Text>
        )}
      </Fact>
      <Fact name={t('realm')}>
        <Code>{told.realm}</Code>
      </Fact>
    </>
  )
}

function Addresses({ told }: { told: Told }) {
  const { t } = useTranslation('lines')
  return (
    <Fact name={t('ourAddress')}>
      <AddressList addresses={told.addresses} prefix="sip:" />
    </Fact>
  )
}

function AddressList({ addresses, prefix }: { addresses: string[]; prefix: string }) {
  const { t } = useTranslation('lines')
  if (addresses.length === 0) return <Text size="sm">{t('noNode')}</Text>
  return (
    <Group gap="md">
      {addresses.map((address) => (
        <Copyable key={address} value={`${prefix}${address}`} label={t('copyAddress', { address })} />
      ))}
    </Group>
  )
}

function Media({ told }: { told: Told }) {
  const { t } = useTranslation('lines')
  const { transports, codecs, dtmf, rtp_ports: ports } = told
  return (
    <>
      <Fact name={t('transports')}>{transports.join(', ').toUpperCase()}</Fact>
      <Fact name={t('codecs')}>
        <Copyable value={codecs.join(', ')} label={t('copyCodecs')} />
      </Fact>
      <Fact name={t('keys')}>{dtmf}</Fact>
      <Fact name={t('audioPorts')}>
        <Copyable value={`${ports.first}-${ports.last}`} label={t('copyPorts')} />
      </Fact>
    </>
  )
}

function Fact({ name, help, children }: { name: string; help?: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}
        {help && (
          <Text size="xs" c="dimmed">
            {help}
          </Text>
        )}
      </dd>
    </div>
  )
}
