/** What came of a run: each case with its conversation, and each failed assertion at its place in it. */
import { Accordion, Alert, Anchor, Badge, Button, Group, Progress, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconPlayerStop, IconX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useEffect, useEffectEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May, useTenant } from '@/api/session'
import { failed } from '@/components/forms'
import { latency } from '@/components/format'
import { Loaded } from '@/components/states'
import { failuresByTurn } from './cases'
import { useRun, useSuitesAgain } from './data'
import { StateBadge } from './StateBadge'
import type { CaseResult, WholeRun } from './types'
import classes from './suites.module.css'

interface ReportProps {
  run: string
  /** The run before it, of the same suite. */
  before?: string
}

export function Report({ run, before }: ReportProps) {
  const query = useRun(run)
  const again = useSuitesAgain()
  const ended = query.data && query.data.state !== 'running'
  const refresh = useEffectEvent(again)
  useEffect(() => {
    if (ended) refresh()
  }, [ended])
  return (
    <Loaded query={query} rows={5}>
      {(data) => <Whole run={data} before={before} />}
    </Loaded>
  )
}

const OVER = new Set(['passed', 'failed', 'cancelled'])

function Whole({ run, before }: { run: WholeRun; before?: string }) {
  const { t } = useTranslation('agents')
  const changes = useChanges(run, before)
  const finished = run.results.filter(({ state }) => OVER.has(state)).length
  const faulty = run.results.filter(({ state }) => state === 'failed').map(({ id }) => id)
  return (
    <Stack gap="md">
      <Group gap="sm">
        <StateBadge state={run.state} />
        <Text size="sm">{t('suites.passedOf', { passed: run.passed, total: run.total })}</Text>
        <Text size="sm" c="dimmed">
          {run.version ? t('suites.version', { number: run.version }) : t('suites.draft')}
        </Text>
        {run.state === 'running' && <Cancel id={run.id} />}
      </Group>
      {run.state === 'running' && (
        <div role="status">
          <Text size="sm" c="dimmed" mb={4}>
            {t('suites.progress', { done: finished, count: run.total })}
          </Text>
          <Progress
            value={run.total ? (100 * finished) / run.total : 0}
            aria-label={t('suites.progress', { done: finished, count: run.total })}
            animated
          />
        </div>
      )}
      {/* Drawn anew when it is over: what failed is open then. */}
      <Accordion key={run.state} multiple variant="separated" defaultValue={faulty} order={2}>
        {run.results.map((result) => (
          <Accordion.Item key={result.id} value={result.id}>
            <Accordion.Control>
              <Group gap="sm">
                <StateBadge state={result.state} />
                <Text fw={500}>{result.name}</Text>
                {changes[result.name] && changes[result.name] !== 'same' && (
                  <Badge variant="outline" color={changes[result.name] === 'broken' ? 'red' : 'gray'}>
                    {t(`suites.changes.${changes[result.name]!}`)}
                  </Badge>
                )}
                {result.failures.length > 0 && (
                  <Text size="sm" c="dimmed">
                    {t('suites.failures', { count: result.failures.length })}
                  </Text>
                )}
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              <Conversation result={result} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Stack>
  )
}

function Cancel({ id }: { id: string }) {
  const { t } = useTranslation('agents')
  const again = useSuitesAgain()
  const cancel = $api.useMutation('post', '/api/v1/suite-runs/{id}/cancel', {
    onSuccess: again,
    onError: failed,
  })
  return (
    <May permission="agents.write">
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlayerStop size={14} />}
        loading={cancel.isPending}
        onClick={() => cancel.mutate({ params: { path: { id } } })}
      >
        {t('suites.cancel')}
      </Button>
    </May>
  )
}

/** How each case, by name, stands beside the run before. */
function useChanges(run: WholeRun, before: string | undefined) {
  const query = $api.useQuery(
    'get',
    '/api/v1/suite-runs/{id}/comparison',
    { params: { path: { id: run.id }, query: { before: before ?? '' } } },
    { enabled: before !== undefined && run.state !== 'running' },
  )
  return Object.fromEntries(query.data?.cases.map(({ name, change }) => [name, change]) ?? [])
}

function Conversation({ result }: { result: CaseResult }) {
  const { t } = useTranslation('agents')
  const { path } = useTenant()
  const failures = failuresByTurn(result.failures)
  return (
    <Stack gap="sm">
      {result.problem && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />}>
          {t('suites.problem', { why: result.problem })}
        </Alert>
      )}
      {failures.get(-1)?.map((failure) => (
        <Fault key={failure.assertion} text={failure.detail} />
      ))}
      <ol className={classes.turns} aria-label={t('suites.transcript', { name: result.name })}>
        {result.transcript.map((turn, i) => (
          <li
            key={i}
            className={classes.turn}
            data-speaker={turn.speaker}
            data-failed={failures.has(i) || undefined}
          >
            <Text size="xs" c="dimmed">
              {turn.speaker === 'caller' ? t('suites.callerSays') : t('suites.agentSays')}
              {turn.response_ms !== null && ` · ${latency(turn.response_ms)}`}
            </Text>
            {turn.keys ? t('suites.pressed', { digits: turn.text }) : turn.text || t('suites.silent')}
            {result.tools
              .filter((tool) => tool.turn === i)
              .map((tool, n) => (
                <Text key={n} size="sm" c="dimmed" className="tl-mono">
                  {t(tool.mocked ? 'suites.toolMocked' : 'suites.toolRan', {
                    name: tool.name,
                    arguments: JSON.stringify(tool.arguments),
                    result: tool.trouble || tool.result,
                  })}
                </Text>
              ))}
            {failures.get(i)?.map((failure) => (
              <Fault key={failure.assertion} text={failure.detail} />
            ))}
          </li>
        ))}
      </ol>
      <Facts result={result} />
      {result.call && (
        <Anchor component={Link} to={path(`calls/${result.call}`)} size="sm">
          {t('suites.toCall')}
        </Anchor>
      )}
    </Stack>
  )
}

function Fault({ text }: { text: string }) {
  return (
    <div className={classes.fault}>
      <IconX size={15} aria-hidden />
      <span>{text}</span>
    </div>
  )
}

function Facts({ result }: { result: CaseResult }) {
  const { t } = useTranslation('agents')
  const { p50_ms, p95_ms } = result.latency
  const slots = Object.entries(result.slots)
  const facts = [
    result.transcript.length > 0 && t('suites.ended', { by: t(`suites.endedBy.${result.ended_by}`) }),
    t('suites.took', { time: latency(result.took_ms) }),
    p50_ms !== null && p95_ms !== null && t('suites.latency', { p50: latency(p50_ms), p95: latency(p95_ms) }),
    result.path.length > 0 && t('suites.path', { path: result.path.join(' → ') }),
    slots.length > 0 && t('suites.collected', { values: slots.map((slot) => slot.join(' = ')).join(', ') }),
    ...result.troubles,
  ].filter((fact) => typeof fact === 'string')
  return (
    <Stack gap={2}>
      {facts.map((fact) => (
        <Text key={fact} size="sm" c="dimmed">
          {fact}
        </Text>
      ))}
      {result.state === 'passed' && (
        <Group gap={4}>
          <IconCheck size={15} aria-hidden />
          <Text size="sm">{t('suites.casePassed')}</Text>
        </Group>
      )}
    </Stack>
  )
}
