/** What goes on at a trunk now, and below it how it did. */
import { Anchor, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { exactTime, Time } from '@/components/format'
import type { Trunk } from '../../data'
import { TrunkStats } from '../stats/TrunkStats'
import { GatewayList } from './Gateways'
import classes from './live.module.css'
import { Meter } from './Meter'
import { Registration, WhatToDo } from './Registration'

export function Overview({ trunk }: { trunk: Trunk }) {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  const { calls, cps } = trunk.state
  return (
    <Stack gap="xl">
      <Stack gap="md">
        <dl className={classes.facts}>
          {trunk.registration !== 'none' && (
            <Fact name={t('registration')}>
              <Registration trunk={trunk} />
            </Fact>
          )}
          <Fact name={t('callsNow')}>
            <Meter used={calls.inbound + calls.outbound} limit={calls.limit} />
            <Text size="xs" c="dimmed" mt={4}>
              {t('callsParts', { inbound: calls.inbound, outbound: calls.outbound })}
            </Text>
          </Fact>
          <Fact name={t('rateNow')}>
            <Meter used={cps.used} limit={cps.limit} />
            <Text size="xs" c="dimmed" mt={4}>
              {t('rateHelp')}
            </Text>
          </Fact>
        </dl>
        <SimpleGrid cols={1} spacing="md">
          {trunk.registration === 'outbound' && <OurRegistration trunk={trunk} />}
          {trunk.registration === 'inbound' && <Devices trunk={trunk} />}
          {trunk.gateways.length > 0 && (
            <Panel title={t('gateways')}>
              <GatewayList gateways={trunk.gateways} />
            </Panel>
          )}
        </SimpleGrid>
      </Stack>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2}>{t('howItDid')}</Title>
          <Anchor component={Link} to={path('calls')} search={{ trunk: trunk.id } as never} size="sm">
            {t('itsCalls')}
          </Anchor>
        </Group>
        <TrunkStats trunk={trunk} />
      </Stack>
    </Stack>
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

function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Title order={2} size="h3" mb={6}>
        {title}
      </Title>
      {children}
    </Paper>
  )
}

function OurRegistration({ trunk }: { trunk: Trunk }) {
  const { t } = useTranslation('lines')
  const { registration } = trunk.state
  const place = trunk.registrar?.host ?? trunk.gateways[0]?.host
  return (
    <Panel title={t('ourRegistration')}>
      <Stack gap={6}>
        <Text size="sm">{place && t('registersAt', { user: trunk.username, host: place })}</Text>
        {registration.expires_at && (
          <Text size="sm" c="dimmed">
            {t('registeredUntil', { at: exactTime(registration.expires_at) })}
          </Text>
        )}
        {registration.node && (
          <Text size="sm" c="dimmed">
            {t('heldBy', { node: registration.node })}
          </Text>
        )}
        {!registration.changed_at && (
          <Text size="sm" c="dimmed">
            {t('notTriedYet')}
          </Text>
        )}
        <WhatToDo error={registration.last_error} />
      </Stack>
    </Panel>
  )
}

function Devices({ trunk }: { trunk: Trunk }) {
  const { t } = useTranslation('lines')
  const { devices } = trunk.state
  return (
    <Panel title={t('devices')}>
      {devices.length === 0 ? (
        <Text size="sm">{t('noDevicesText')}</Text>
      ) : (
        <ul className={classes.rows} aria-label={t('devices')}>
          {devices.map(({ contact, user_agent, expires_at }) => (
            <li key={contact}>
              <span className="tl-mono" style={{ overflowWrap: 'anywhere' }}>
                {contact}
              </span>
              <Text span size="sm">
                {user_agent || t('unknownDevice')}
              </Text>
              <Text span size="sm" c="dimmed">
                {t('expires')} <Time at={expires_at} />
              </Text>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
