/** What is known of the call after it: values with the words they came from, outcome, mood, flags. */
import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { May } from '@/api/session'
import { Findings, Outcome } from '@/components/analysis/Outcome'
import { Sentiment } from '@/components/analysis/Sentiment'
import type { ShowTurn } from '@/components/analysis/types'
import { Values } from '@/components/analysis/Values'
import { Time } from '@/components/format'
import { Failed, Loading } from '@/components/states'
import { Section } from '../call/Section'
import type { CallDetail } from '../call/useCall'
import { type Analysis, useAnalysis, useAnalyze } from './analysis'

interface AnalysisPanelProps {
  call: CallDetail
  onTurn: ShowTurn
}

export function AnalysisPanel({ call, onTurn }: AnalysisPanelProps) {
  const { t } = useTranslation('calls')
  const { analysis, none, query } = useAnalysis(call.id)
  return (
    <Section title={t('after.analysis')} end={analysis && <Again id={call.id} analysis={analysis} />}>
      {none && (
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {t('after.none')}
          </Text>
          <Again id={call.id} />
        </Group>
      )}
      {query.isError && !none && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Loading rows={3} />}
      {analysis && <Known analysis={analysis} onTurn={onTurn} />}
    </Section>
  )
}

function Known({ analysis, onTurn }: { analysis: Analysis; onTurn: ShowTurn }) {
  const { t } = useTranslation('calls')
  // What was known before stays readable while the call is read anew.
  const known = analysis.analyzed_at !== null
  return (
    <Stack gap="md">
      <State analysis={analysis} />
      {known && (
        <>
          <Outcome result={analysis} />
          <Values result={analysis} onTurn={onTurn} />
          <Findings result={analysis} onTurn={onTurn} />
          <Sentiment result={analysis} onTurn={onTurn} />
          <Text size="xs" c="dimmed">
            {analysis.extractor === 'model'
              ? t('after.byModel', { vendor: analysis.vendor, model: analysis.model })
              : t('after.byRulesOfOurs')}{' '}
            <Time at={analysis.analyzed_at} />
            {!analysis.current && ` ${t('after.outdated')}`}
          </Text>
        </>
      )}
    </Stack>
  )
}

function State({ analysis: { state, problem, attempts } }: { analysis: Analysis }) {
  const { t } = useTranslation('calls')
  if (state === 'waiting')
    return (
      <Group gap="xs" role="status" wrap="nowrap" align="flex-start">
        <Loader size="xs" mt={4} />
        <Text size="sm" c="dimmed">
          {attempts > 0 && problem
            ? t('after.waitingAgain', { count: attempts, problem })
            : t('after.waiting')}
        </Text>
      </Group>
    )
  if (state === 'failed')
    return (
      <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t('after.failed')} role="alert">
        {problem}
      </Alert>
    )
  if (state === 'skipped')
    return (
      <Text size="sm" c="dimmed">
        {problem || t('after.skipped')}
      </Text>
    )
  return null
}

function Again({ id, analysis }: { id: string; analysis?: Analysis }) {
  const { t } = useTranslation('calls')
  const analyze = useAnalyze(id)
  if (analysis?.state === 'waiting') return null
  return (
    <May permission="calls.annotate">
      <Button
        size="compact-sm"
        variant={analysis?.state === 'failed' ? 'light' : 'subtle'}
        leftSection={<IconRefresh size={14} aria-hidden />}
        loading={analyze.isPending}
        onClick={() => analyze.mutate({ params: { path: { id } } })}
      >
        {t(!analysis ? 'after.analyze' : analysis.state === 'failed' ? 'after.tryAgain' : 'after.anew')}
      </Button>
    </May>
  )
}
