/** How a trunk's registration stands, in words: ours at the carrier, or that of the phones that are registered here. */
import { Stack, Text, Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Time } from '@/components/format'
import type { Trunk } from '../../data'
import { adviceFor } from './health'
import { StateWord, TONES } from './StateWord'

export function Registration({ trunk }: { trunk: Trunk }) {
  const { t } = useTranslation('lines')
  const { registration, devices } = trunk.state
  if (trunk.registration === 'none')
    return (
      <Text span inherit c="dimmed">
        {t('registrationNone')}
      </Text>
    )
  if (trunk.registration === 'inbound')
    return (
      <StateWord tone={devices.length ? 'good' : 'quiet'}>
        {devices.length ? t('devicesHere', { count: devices.length }) : t('noDevices')}
      </StateWord>
    )
  const word = (
    <StateWord tone={TONES[registration.state]}>{t(`registrations.${registration.state}`)}</StateWord>
  )
  return (
    <div>
      {registration.last_error ? (
        <Tooltip label={registration.last_error} multiline maw={340}>
          <span>{word}</span>
        </Tooltip>
      ) : (
        word
      )}
      {registration.changed_at && (
        <Text size="xs" c="dimmed">
          <Time at={registration.changed_at} />
        </Text>
      )}
    </div>
  )
}

/** The last error and what to do about it; nothing when there is none. */
export function WhatToDo({ error }: { error: string }) {
  const { t } = useTranslation('lines')
  const advice = adviceFor(error)
  if (!advice) return null
  return (
    <Stack gap={0}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {error}
      </Text>
      <Text size="sm" c="dimmed">
        {t(`advice.${advice}`)}
      </Text>
    </Stack>
  )
}
