/** One rerun: what it would cost, how far it is, what came of it. */
import { Badge, Button, Group, Progress, Stack, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { confirmDanger, done } from '@/components/forms'
import { count, exactTime, money, Time } from '@/components/format'
import classes from '../editor/editor.module.css'
import { progressOf, type Rerun, useStep } from './reruns'

const COLORS = { estimated: 'gray', running: 'amber', done: 'petrol', cancelled: 'gray' } as const

export function OneRerun({ rerun }: { rerun: Rerun }) {
  const { t } = useTranslation(['agents', 'common'])
  const { state, calls, done: over, failed, created_at } = rerun
  return (
    <Stack gap={6} className={classes.rerun}>
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          <Badge color={COLORS[state]}>{t(`after.rerunStates.${state}`)}</Badge>
          <Text size="sm" fw={600}>
            {calls === 0 ? t('after.rerunNothing') : t('after.rerunCalls', { count: calls })}
          </Text>
          <Text size="xs" c="dimmed">
            <Time at={created_at} />
          </Text>
        </Group>
        <Steps rerun={rerun} />
      </Group>
      <Text size="xs" c="dimmed">
        {spanText(t, rerun)}
        {state === 'estimated' && calls > 0 && ` – ${costText(t, rerun)}`}
      </Text>
      {(state === 'running' || state === 'cancelled') && (
        <Progress value={progressOf(rerun)} aria-label={t('after.rerun')} />
      )}
      {state !== 'estimated' && (
        <Text size="xs" c="dimmed" aria-live="polite">
          {t('after.rerunProgress', { done: count(over), calls: count(calls) })}
          {failed > 0 && (
            <Text span inherit c="var(--mantine-color-error)">
              {', '}
              {t('after.rerunFailed', { count: failed })}
            </Text>
          )}
        </Text>
      )}
    </Stack>
  )
}

function Steps({ rerun }: { rerun: Rerun }) {
  const { t } = useTranslation(['agents', 'common'])
  const { id, state, calls } = rerun
  const start = useStep('start', () => done(t('after.rerunStarted')))
  const cancel = useStep('cancel', () => state === 'running' && done(t('after.rerunCancelled')))
  const params = { path: { id } }
  const askStart = () =>
    modals.openConfirmModal({
      title: t('after.rerunStartTitle', { count: calls }),
      children: <Text size="sm">{t('after.rerunStartText', { cost: costText(t, rerun) })}</Text>,
      labels: { confirm: t('after.rerunStart'), cancel: t('common:cancel') },
      onConfirm: () => start.mutate({ params }),
    })
  const askCancel = () =>
    confirmDanger({
      title: t('after.rerunCancelTitle'),
      text: t('after.rerunCancelText'),
      confirm: t('after.rerunCancel'),
      cancel: t('common:cancel'),
      onConfirm: () => cancel.mutate({ params }),
    })
  if (state === 'running')
    return (
      <Button size="compact-sm" variant="default" loading={cancel.isPending} onClick={askCancel}>
        {t('after.rerunCancel')}
      </Button>
    )
  if (state !== 'estimated') return null
  return (
    <Group gap="xs">
      {calls > 0 && (
        <Button size="compact-sm" loading={start.isPending} onClick={askStart}>
          {t('after.rerunStart')}
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        loading={cancel.isPending}
        onClick={() => cancel.mutate({ params })}
      >
        {t('after.rerunDrop')}
      </Button>
    </Group>
  )
}

type Words = TFunction<['agents', 'common']>

function spanText(t: Words, { since, until }: Rerun): string {
  return t('after.rerunSpan', {
    since: since ? exactTime(since) : t('after.rerunBegin'),
    until: until ? exactTime(until) : t('after.rerunNow'),
  })
}

/** What reading the calls takes, as far as that is known. */
function costText(t: Words, { estimate }: Rerun): string {
  const { prompt_tokens, completion_tokens, cost_micros, currency } = estimate
  if (!prompt_tokens) return t('after.rerunFree')
  const tokens = t('after.rerunTokens', {
    input: count(prompt_tokens),
    output: count(completion_tokens ?? 0),
  })
  return cost_micros === null || cost_micros === undefined
    ? tokens
    : `${tokens}, ${t('after.rerunCost', { cost: money(cost_micros, currency) })}`
}
