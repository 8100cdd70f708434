/** Who answered an outbound call, how sure that is, and what spoke for it. */
import { Badge, Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { CallEvent } from '@/api/live'
import { duration, latency, share } from '@/components/format'
import classes from './beside.module.css'
import { Section } from './Section'
import { verdictOf } from './story'

const COLORS = {
  human: 'petrol',
  machine: 'amber',
  screening: 'amber',
  menu: 'amber',
  unknown: 'gray',
} as const

export function WhoAnswered({ events }: { events: readonly CallEvent[] }) {
  const { t } = useTranslation('calls')
  const found = verdictOf(events)
  if (!found) return null
  const { last, before, beepMs } = found
  return (
    <Section
      title={t('event_answered_by')}
      end={<Badge color={COLORS[last.verdict]}>{t(`answered_by_${last.verdict}`)}</Badge>}
    >
      <Group gap="md">
        <Text size="sm">{t('verdictSure', { confidence: share(last.confidence) })}</Text>
        <Text size="sm" c="dimmed">
          {t('verdictAfter', { time: latency(last.at_ms) })}
        </Text>
        {beepMs !== null && (
          <Text size="sm" c="dimmed">
            {t('verdictBeep', { time: duration(beepMs) })}
          </Text>
        )}
      </Group>
      {last.signals.length > 0 && (
        <ul className={classes.signals}>
          {last.signals.map((signal) => (
            <li key={signal}>{signal}</li>
          ))}
        </ul>
      )}
      {before.map(({ verdict, at_ms, confidence }, i) => (
        <Text key={i} size="xs" c="dimmed" mt={6}>
          {t('verdictBefore', {
            verdict: t(`answered_by_${verdict}`),
            time: latency(at_ms),
            confidence: share(confidence),
          })}
        </Text>
      ))}
    </Section>
  )
}
