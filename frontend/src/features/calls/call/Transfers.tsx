/** Whom the caller was to be handed to, step by step, and what became of it. */
import { Badge, Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { CallEvent } from '@/api/live'
import { duration } from '@/components/format'
import classes from './beside.module.css'
import { Section } from './Section'
import { type Attempt, type TransferEvent, transfersOf } from './story'

const COLORS = { connected: 'petrol', declined: 'amber', failed: 'red', running: 'gray' } as const

export function Transfers({ events }: { events: readonly CallEvent[] }) {
  const { t } = useTranslation('calls')
  const attempts = transfersOf(events)
  if (attempts.length === 0) return null
  return (
    <Section title={t('transfers')}>
      {attempts.map((attempt, i) => (
        <OneAttempt key={i} attempt={attempt} />
      ))}
    </Section>
  )
}

function OneAttempt({ attempt: { target, mode, steps, outcome } }: { attempt: Attempt }) {
  const { t } = useTranslation('calls')
  return (
    <div className={classes.attempt}>
      <Group gap="xs">
        <Text size="sm" fw={600} className="tl-mono">
          {target}
        </Text>
        {mode && (
          <Text size="sm" c="dimmed">
            {mode in MODES ? t(`mode_${mode as keyof typeof MODES}`) : mode}
          </Text>
        )}
        <Badge color={COLORS[outcome]}>{t(`transferOutcome_${outcome}`)}</Badge>
      </Group>
      <ol className={classes.steps}>
        {steps.map((step, i) => (
          <li key={i} data-state={step.state}>
            <span className="tl-mono">{duration(Math.max(0, step.at_ms))}</span>
            <Step step={step} />
          </li>
        ))}
      </ol>
    </div>
  )
}

const MODES = { blind: 1, bridge: 1, warm: 1, conference: 1, agent: 1 }

function Step({ step: { state, leg, sip_code, detail } }: { step: TransferEvent }) {
  const { t } = useTranslation('calls')
  const facts = [
    leg !== null && t('legTitle', { number: leg + 1 }),
    sip_code !== null && t('event_ringingText', { code: sip_code }),
    detail,
  ].filter(Boolean)
  return (
    <span>
      {t(`transfer_${state}`)}{' '}
      {facts.length > 0 && (
        <Text span inherit c="dimmed">
          {facts.join(' · ')}
        </Text>
      )}
    </span>
  )
}
