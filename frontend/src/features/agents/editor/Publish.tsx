/** Publishing the draft: with a note, after its tests where suites guard it, and what to do when they fail. */
import { Alert, Button, Checkbox, Group, Loader, Stack, Text, Textarea } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { Loaded } from '@/components/states'
import { StateBadge } from '../suites/StateBadge'
import type { OpenSuite } from '../suites/Suites'
import type { Run } from '../suites/types'
import { publishDraft, readAgent } from './data'
import type { Draft } from './useDraft'

interface PublishProps {
  draft: Draft
  onDone: () => void
  /** Shows the report of a run. */
  onRun: (run: OpenSuite) => void
}

export function Publish({ draft, onDone, onRun }: PublishProps) {
  const { t } = useTranslation('agents')
  const queries = useQueryClient()
  const [waiting, setWaiting] = useState<string | null>(null)
  const published = async (number: number) => {
    draft.load(await readAgent(draft.stored.agent.id))
    void queries.invalidateQueries({ queryKey: ['get', '/api/v1/agents/{id}/versions'] })
    // Publishing ends a split, and another version takes the rest of the calls.
    void queries.invalidateQueries({ queryKey: ['get', '/api/v1/agents/{id}/split'] })
    done(t('publishedNow', { number }))
    onDone()
  }
  if (waiting === null)
    return <PublishForm draft={draft} onDone={onDone} onPublished={published} onWaiting={setWaiting} />
  return (
    <Waiting
      id={waiting}
      onPublished={(number) => void published(number)}
      onRetry={() => setWaiting(null)}
      onClose={onDone}
      onRun={(run) => {
        onDone()
        onRun({ suite: run.suite, run: run.id })
      }}
    />
  )
}

interface PublishFormProps {
  draft: Draft
  onDone: () => void
  onPublished: (number: number) => Promise<void>
  onWaiting: (publication: string) => void
}

function PublishForm({ draft, onDone, onPublished, onWaiting }: PublishFormProps) {
  const { t } = useTranslation('agents')
  const { t: common } = useTranslation('common')
  const { role } = useTenant()
  const [note, setNote] = useState('')
  const [skip, setSkip] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const guarded = useGuarded(draft.stored.agent.id)
  const publish = async () => {
    if (skip && !note.trim()) return setProblem(t('suites.gateNote'))
    setBusy(true)
    setProblem(null)
    try {
      const saved = draft.dirty ? await draft.save() : draft.stored
      if (!saved) return onDone()
      const wish = { note: note.trim(), skip_suites: skip }
      const made = await publishDraft(saved.agent.id, saved.etag, wish)
      if ('number' in made) await onPublished(made.number)
      else onWaiting(made.publication)
    } catch (error) {
      const { status, detail, errors, newer } = asProblem(error)
      setProblem(
        status === 412
          ? t('publishStale', { who: newer?.by || t('somebody') })
          : errors.map((fault) => fault.detail).join(' ') || detail,
      )
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void publish()
      }}
    >
      <Stack>
        <Text size="sm">{draft.dirty ? t('publishSaves') : t('publishText')}</Text>
        <Textarea
          label={t('note')}
          description={t('noteHelp')}
          maxLength={500}
          autosize
          minRows={2}
          data-autofocus
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {guarded && role === 'owner' && (
          <Checkbox
            label={t('suites.gateSkip')}
            description={t('suites.gateSkipHelp')}
            checked={skip}
            onChange={(event) => setSkip(event.currentTarget.checked)}
          />
        )}
        <FormProblem text={problem} />
        <FormButtons label={t('publish')} busy={busy} cancel={{ label: common('cancel'), onClick: onDone }} />
      </Stack>
    </form>
  )
}

function useGuarded(agent: string): boolean {
  const suites = $api.useQuery('get', '/api/v1/agents/{id}/suites', {
    params: { path: { id: agent }, query: { limit: 200 } },
  })
  return suites.data?.results.some(({ gate }) => gate) ?? false
}

interface WaitingProps {
  id: string
  onPublished: (number: number) => void
  onRetry: () => void
  onClose: () => void
  onRun: (run: Run) => void
}

const POLL_MS = 1_000

/** The tests run; then the draft is published, or what failed is shown. */
function Waiting({ id, onPublished, onRetry, onClose, onRun }: WaitingProps) {
  const { t } = useTranslation('agents')
  const query = $api.useQuery(
    'get',
    '/api/v1/publications/{id}',
    { params: { path: { id } } },
    { refetchInterval: ({ state }) => (!state.data || state.data.state === 'running' ? POLL_MS : false) },
  )
  const number = query.data?.state === 'published' ? query.data.version : null
  const published = useEffectEvent(onPublished)
  useEffect(() => {
    if (number != null) published(number)
  }, [number])
  return (
    <Loaded query={query}>
      {({ state, detail, runs }) => (
        <Stack>
          {state === 'running' ? (
            <Group gap="sm" role="status">
              <Loader size="sm" />
              <Text size="sm">{t('suites.gateRunning')}</Text>
            </Group>
          ) : (
            state !== 'published' && (
              <Alert color="red" icon={<IconAlertTriangle size={18} />} role="alert">
                <Text size="sm">{detail || t(`suites.${GATE[state]}`)}</Text>
                <Text size="sm">{t('suites.gateHow')}</Text>
              </Alert>
            )
          )}
          {runs.map((run) => (
            <Group key={run.id} justify="space-between" wrap="nowrap">
              <Group gap="sm">
                <StateBadge state={run.state} />
                <Text size="sm" fw={500}>
                  {run.suite_name}
                </Text>
                <Text size="sm" c="dimmed">
                  {t('suites.passedOf', { passed: run.passed, total: run.total })}
                </Text>
              </Group>
              <Button size="compact-sm" variant="subtle" onClick={() => onRun(run)}>
                {t('suites.seeReport')}
              </Button>
            </Group>
          ))}
          <Group justify="flex-end" gap="xs">
            {state !== 'running' && state !== 'published' && (
              <Button variant="default" onClick={onRetry}>
                {t('suites.again')}
              </Button>
            )}
            <Button onClick={onClose}>{t('suites.close')}</Button>
          </Group>
        </Stack>
      )}
    </Loaded>
  )
}

const GATE = { failed: 'gateFailed', outdated: 'gateOutdated', cancelled: 'gateCancelled' } as const
