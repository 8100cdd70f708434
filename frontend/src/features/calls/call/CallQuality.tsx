/** How the call was set up and how it sounded, leg by leg: figures, and what they mean. */
import { Alert, Badge, Stack, Text, Title } from '@mantine/core'
import { IconEarOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { latency } from '@/components/format'
import { LegFigures } from './LegFigures'
import { Section } from './Section'
import classes from './call.module.css'
import { type Leg, type Quality, RATING_GRADE } from './quality'

export const COLORS = { good: 'petrol', fair: 'amber', poor: 'red', unknown: 'gray' } as const

export function CallQuality({ quality }: { quality: Quality }) {
  const { t } = useTranslation('calls')
  const { legs, rating } = quality
  return (
    <Section
      title={t('quality')}
      end={rating && <Badge color={COLORS[RATING_GRADE[rating]]}>{t(`rating_${rating}`)}</Badge>}
    >
      {quality.mos !== null && (
        <Text size="sm" mb="xs">
          {t('qualityMos', { mos: quality.mos.toFixed(2), words: quality.words })}
        </Text>
      )}
      {quality.one_way && (
        <Alert color="red" icon={<IconEarOff size={18} />} mb="sm" py="xs" role="status">
          {quality.one_way_words}
        </Alert>
      )}
      {legs.length === 0 && (
        <Text c="dimmed" size="sm">
          {t('qualityNone')}
        </Text>
      )}
      <Stack gap="lg">
        {legs.map((leg) => (
          <OneLeg key={leg.leg} leg={leg} alone={legs.length === 1} />
        ))}
      </Stack>
    </Section>
  )
}

function OneLeg({ leg, alone }: { leg: Leg; alone: boolean }) {
  const { t } = useTranslation('calls')
  const facts = factsOf(leg, t)
  return (
    <div>
      {!alone && (
        <Title order={3} size="h5" mb={4}>
          {t('legTitle', { number: leg.leg + 1 })}
        </Title>
      )}
      {leg.failed && (
        <Text size="sm" c="var(--mantine-color-error)" mb={4}>
          {t('legFailed', {
            code: leg.failed.sip_code,
            reason: leg.failed.sip_reason,
            time: latency(leg.failed.after_ms),
          })}
        </Text>
      )}
      {!alone && leg.one_way && (
        <Text size="sm" c="var(--mantine-color-error)" mb={4}>
          {leg.one_way_words}
        </Text>
      )}
      <LegFigures leg={leg} />
      {facts.length > 0 && (
        <dl className={classes.pairs}>
          {facts.map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd className="tl-mono">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}

type Words = ReturnType<typeof useTranslation<'calls'>>['t']

/** What is known of the far side and of what was agreed on. */
function factsOf(leg: Leg, t: Words): [string, string][] {
  const codec = [leg.codec, leg.ptime_ms !== null && `${leg.ptime_ms} ms`].filter(Boolean).join(', ')
  const known: [string, string][] = [
    [t('legGateway'), leg.gateway],
    [t('legAgent'), leg.remote_agent],
    [t('legMedia'), leg.remote_media],
    [t('qualityCodec'), codec],
    // Without a transport there is no telephone, and nothing that SRTP could encrypt.
    [t('legTransport'), leg.transport && t(`transport_${leg.transport as 'udp' | 'tcp' | 'tls'}`)],
    [t('legSrtp'), leg.transport && leg.codec && t(leg.srtp ? 'legSrtpOn' : 'legSrtpOff')],
    [t('legPdd'), leg.pdd_ms === null ? '' : latency(leg.pdd_ms)],
    [t('legSetup'), leg.setup_ms === null ? '' : latency(leg.setup_ms)],
  ]
  return known.filter(([, value]) => value)
}
