/** How a trunk's gateways are: counted, or one by one. */
import { Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { exactTime, latency, Time } from '@/components/format'
import type { Trunk } from '../../data'
import { gatewayCounts, stateOf } from './health'
import classes from './live.module.css'
import { WhatToDo } from './Registration'
import { StateWord, TONES } from './StateWord'

type Gateway = Trunk['gateways'][number]

/** sip.carrier.example:5061 TLS; a port that is looked up is not named. */
export const placeName = ({ host, port, transport }: Pick<Gateway, 'host' | 'port' | 'transport'>) => {
  const name = host.includes(':') ? `[${host}]` : host
  return `${port === null ? name : `${name}:${port}`} ${transport.toUpperCase()}`
}

export function GatewayCounts({ gateways }: { gateways: Trunk['gateways'] }) {
  const { t } = useTranslation('lines')
  if (gateways.length === 0)
    return (
      <Text span inherit c="dimmed">
        {t('none')}
      </Text>
    )
  return (
    <Group gap="2px 12px">
      {gatewayCounts(gateways).map(({ state, count }) => (
        <StateWord key={state} tone={TONES[state]}>
          {t(`gatewayCounts.${state}`, { count })}
        </StateWord>
      ))}
    </Group>
  )
}

export function GatewayList({ gateways }: { gateways: Trunk['gateways'] }) {
  const { t } = useTranslation('lines')
  return (
    <ul className={classes.rows} aria-label={t('gateways')}>
      {gateways.map((gateway) => (
        <GatewayRow key={gateway.id} gateway={gateway} />
      ))}
    </ul>
  )
}

function GatewayRow({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('lines')
  const { health } = gateway
  const state = stateOf(gateway)
  return (
    <li>
      <span className="tl-mono" style={{ overflowWrap: 'anywhere' }}>
        {placeName(gateway)}
      </span>
      <Group gap={6}>
        <StateWord tone={TONES[state]}>{t(`gatewayStates.${state}`)}</StateWord>
        {health.since && state !== 'off' && (
          <Text span size="xs" c="dimmed">
            <Time at={health.since} />
          </Text>
        )}
      </Group>
      {health.rtt_ms !== null && state === 'up' ? (
        <Text span size="sm" className="tl-mono">
          {t('answersIn', { time: latency(health.rtt_ms) })}
        </Text>
      ) : (
        <span />
      )}
      {health.last_error && state !== 'off' && (
        <div className={classes.wide}>
          {state === 'resting' && health.rests_until && (
            <Text size="sm">{t('restsUntil', { at: exactTime(health.rests_until) })}</Text>
          )}
          <WhatToDo error={health.last_error} />
        </div>
      )}
    </li>
  )
}
