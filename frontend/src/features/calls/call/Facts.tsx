/** What was known before the call, what was found out in it, and its dry facts. */
import { SimpleGrid, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Copyable } from '@/components/Secret'
import { exactTime, phone } from '@/components/format'
import { TopUpLink } from '@/components/TopUpLink'
import { Section } from './Section'
import classes from './call.module.css'
import type { CallDetail } from './useCall'

export function Found({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  const found = pairs(call.slots)
  if (found.length === 0 && call.state !== 'ended') return null
  return (
    <Section title={t('slots')}>
      {found.length > 0 ? <Pairs pairs={found} /> : <None text={t('slotsNone')} />}
    </Section>
  )
}

export function Facts({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  const times = (
    [
      ['queuedAt', call.queued_at],
      ['ringingAt', call.ringing_at],
      ['answeredAt', call.answered_at],
      ['endedAt', call.ended_at],
    ] as const
  ).flatMap(([name, at]): Pair[] => (at ? [[t(name), exactTime(at)]] : []))
  const end: Pair[] = [
    ...(call.transferred_to ? [[t('transferredTo'), phone(call.transferred_to)] as Pair] : []),
    ...(call.sip_code ? [[t('sipCode'), `${call.sip_code} ${call.sip_reason}`] as Pair] : []),
    ...(call.hook ? [[t('hook'), call.hook.words] as Pair] : []),
    ...(call.end_detail ? [[t('endDetail'), <EndDetail key="end" call={call} />] as Pair] : []),
  ]
  const variables = pairs(call.variables)
  const metadata = pairs(call.metadata)
  return (
    <Section title={t('facts')}>
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="xl">
        <Pairs pairs={[[t('callId'), <Copyable key="id" value={call.id} />], ...times, ...end]} />
        <Group title={t('variables')}>
          {variables.length > 0 ? <Pairs pairs={variables} mono /> : <None text={t('variablesNone')} />}
        </Group>
        <Group title={t('metadata')}>
          {metadata.length > 0 ? <Pairs pairs={metadata} mono /> : <None text={t('metadataNone')} />}
        </Group>
      </SimpleGrid>
    </Section>
  )
}

/** What ended it in words; where it was money, the way to more of it. */
function EndDetail({ call: { end_detail, end_reason } }: { call: CallDetail }) {
  return (
    <>
      {end_detail} {end_reason === 'money_ended' && <TopUpLink />}
    </>
  )
}

type Pair = [string, ReactNode]

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Title order={3} size="h4" mb="xs">
        {title}
      </Title>
      {children}
    </div>
  )
}

function Pairs({ pairs: given, mono = false }: { pairs: Pair[]; mono?: boolean }) {
  return (
    <dl className={classes.pairs}>
      {given.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt className={mono ? 'tl-mono' : undefined}>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function None({ text }: { text: string }) {
  return (
    <Text c="dimmed" size="sm">
      {text}
    </Text>
  )
}

/** The entries of a JSON object, values as text. */
function pairs(object: unknown): Pair[] {
  if (typeof object !== 'object' || object === null) return []
  return Object.entries(object).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
}
