/** The settings as they stand, saved or not, tried on calls that have ended. Nothing is kept. */
import { Alert, Anchor, Button, Group, Loader, Paper, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconPlayerPlay } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { Findings, Outcome } from '@/components/analysis/Outcome'
import type { Field } from '@/components/analysis/types'
import { Values } from '@/components/analysis/Values'
import { FormProblem } from '@/components/forms'
import { Phone, Time } from '@/components/format'
import { Lines, Part } from '../editor/fields'
import { analysisFromForm, fieldFromForm } from '../config/analysis'
import { useAgentForm } from '../editor/form'
import type { Draft } from '../editor/useDraft'
import { fieldsOf, idsOf, type TriedCall } from './trying'

const LATEST = ['1', '3', '5'] as const
const CHOSEN = 'chosen'

export function TryOnCalls({ draft }: { draft: Draft }) {
  const { t } = useTranslation('agents')
  const { config } = useAgentForm().values
  const [which, setWhich] = useState<string>('3')
  const [lines, setLines] = useState<string[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  // As they were when it was tried: they may have changed since.
  const [fields, setFields] = useState<Field[]>([])
  const tried = $api.useMutation('post', '/api/v1/agents/{id}/analysis/try', {
    onError: (error: unknown) => {
      const { errors, detail } = asProblem(error)
      setProblem(errors.map((fault) => `${fault.field}: ${fault.detail}`).join(' ') || detail)
    },
  })
  const run = () => {
    const calls = which === CHOSEN ? idsOf(lines) : []
    setProblem(calls === null ? t('after.tryBad') : null)
    if (calls === null) return
    setFields(fieldsOf(config.extraction))
    tried.mutate({
      params: { path: { id: draft.stored.agent.id } },
      body: {
        ...(which === CHOSEN ? { calls } : { latest: Number(which) }),
        config: {
          extraction: config.extraction.map(fieldFromForm),
          analysis: analysisFromForm(config.analysis),
        } as never,
      },
    })
  }
  return (
    <Part title={t('after.tryTitle')} lead={t('after.tryHelp')}>
      <Group gap="sm">
        <SegmentedControl
          size="sm"
          aria-label={t('after.tryWhich')}
          value={which}
          onChange={setWhich}
          data={[
            ...LATEST.map((count) => ({
              value: count,
              label: t('after.tryLatest', { count: Number(count) }),
            })),
            { value: CHOSEN, label: t('after.tryChosen') },
          ]}
        />
        <Button
          variant="light"
          loading={tried.isPending}
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={run}
        >
          {t(tried.data ? 'after.tryAgain' : 'after.tryRun')}
        </Button>
      </Group>
      {which === CHOSEN && (
        <Lines
          label={t('after.tryCalls')}
          description={t('after.tryCallsHelp')}
          classNames={{ input: 'tl-mono' }}
          value={lines}
          onChange={setLines}
        />
      )}
      <FormProblem text={problem} />
      <div aria-live="polite">
        {tried.isPending && (
          <Group gap="xs">
            <Loader size="xs" />
            <Text size="sm" c="dimmed">
              {t('after.tryRunning')}
            </Text>
          </Group>
        )}
        {!tried.isPending && !problem && tried.data && (
          <Results fields={fields} results={tried.data.results} />
        )}
      </div>
    </Part>
  )
}

function Results({ fields, results }: { fields: Field[]; results: readonly TriedCall[] }) {
  const { t } = useTranslation('agents')
  if (results.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('after.tryNone')}
      </Text>
    )
  return (
    <Stack gap="md">
      {results.map((result) => (
        <OneCall key={result.call} fields={fields} result={result} />
      ))}
    </Stack>
  )
}

function OneCall({ fields, result }: { fields: Field[]; result: TriedCall }) {
  const { t } = useTranslation('agents')
  const { path } = useTenant()
  return (
    <Paper p="md">
      <Stack gap="sm">
        <Group gap="xs" justify="space-between">
          <Text size="sm" c="dimmed">
            <Phone number={result.from_number} /> → <Phone number={result.to_number} />{' '}
            <Time at={result.created_at} />
          </Text>
          <Anchor component={Link} to={path(`calls/${result.call}`)} size="sm" target="_blank">
            {t('after.tryOpen')}
          </Anchor>
        </Group>
        {result.problem && (
          <Alert color="amber" py="xs" icon={<IconAlertTriangle size={16} />}>
            {result.problem}
          </Alert>
        )}
        <Outcome result={result} />
        <Values result={{ fields, values: result.values }} />
        <Findings result={result} />
      </Stack>
    </Paper>
  )
}
