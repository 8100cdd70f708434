/** Taking a part out of the recording and the transcript, and what was taken out already. */
import { Badge, Button, Group, NumberInput, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconEraser } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { May } from '@/api/session'
import { confirmDanger, done, FormProblem } from '@/components/forms'
import { duration, Time } from '@/components/format'
import type { CallDetail } from '../call/useCall'
import classes from './after.module.css'
import { type Redaction, type Taken, useRedact } from './redactions'
import { faultOf, type Picked, type Side } from './span'

interface RedactProps {
  call: CallDetail
  picked: Picked | null
  onPick: (picked: Picked | null) => void
}

const AT_FIRST: Picked = { startMs: 0, endMs: 0, side: 'both' }

export function Redact({ call, picked, onPick }: RedactProps) {
  const { t } = useTranslation('calls')
  return (
    <May permission="calls.annotate">
      {picked ? (
        <PartForm call={call} picked={picked} onPick={onPick} />
      ) : (
        <Button
          mt="xs"
          size="compact-sm"
          variant="subtle"
          leftSection={<IconEraser size={15} aria-hidden />}
          onClick={() => onPick(AT_FIRST)}
        >
          {t('after.redact')}
        </Button>
      )}
    </May>
  )
}

/** What was taken out already. */
export function Redactions({ taken: { all } }: { taken: Taken }) {
  const { t } = useTranslation('calls')
  if (all.length === 0) return null
  return (
    <ul className={classes.redactions} aria-label={t('after.redactions')}>
      {all.map((one) => (
        <OneRedaction key={one.id} redaction={one} />
      ))}
    </ul>
  )
}

function PartForm({ call, picked, onPick }: RedactProps & { picked: Picked }) {
  const { t } = useTranslation(['calls', 'common'])
  const [problem, setProblem] = useState<string | null>(null)
  const redact = useRedact(() => {
    done(t('after.redactAsked'))
    onPick(null)
  })
  const durationMs = call.recording!.duration_ms
  const ask = () => {
    const fault = faultOf(picked, durationMs)
    setProblem(fault && t(`after.redactFault_${fault}`, { end: (durationMs / 1000).toFixed(1) }))
    if (fault) return
    const { startMs, endMs, side } = picked
    confirmDanger({
      title: t('after.redactTitle', { from: duration(startMs), to: duration(endMs) }),
      text: t('after.redactText'),
      confirm: t('after.redactConfirm'),
      cancel: t('common:cancel'),
      onConfirm: () =>
        redact.mutate(
          {
            params: { path: { id: call.id } },
            body: { start_ms: startMs, end_ms: endMs, speaker: side === 'both' ? null : side },
          },
          { onError: (error) => setProblem(asProblem(error).detail) },
        ),
    })
  }
  return (
    <Stack gap="xs" mt="sm" className={classes.part} role="group" aria-label={t('after.redact')}>
      <Text size="sm">{t('after.redactHelp')}</Text>
      <FormProblem text={problem} />
      <Group gap="sm" align="flex-end">
        <Seconds
          label={t('after.from')}
          ms={picked.startMs}
          most={durationMs}
          onChange={(startMs) => onPick({ ...picked, startMs })}
        />
        <Seconds
          label={t('after.to')}
          ms={picked.endMs}
          most={durationMs}
          onChange={(endMs) => onPick({ ...picked, endMs })}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('after.side')}
          value={picked.side}
          onChange={(side) => onPick({ ...picked, side: side as Side })}
          data={(['both', 'caller', 'agent'] as const).map((value) => ({
            value,
            label: t(`after.side_${value}`),
          }))}
        />
        <Button size="xs" color="red" loading={redact.isPending} onClick={ask}>
          {t('after.redactConfirm')}
        </Button>
        <Button size="xs" variant="default" onClick={() => onPick(null)}>
          {t('common:cancel')}
        </Button>
      </Group>
    </Stack>
  )
}

interface SecondsProps {
  label: string
  /** NaN while nothing is typed. */
  ms: number
  most: number
  onChange: (ms: number) => void
}

/** What is half typed ("1.") stays in the box. */
function Seconds({ label, ms, most, onChange }: SecondsProps) {
  const { t } = useTranslation('calls')
  const [typed, setTyped] = useState<number | string>(shown(ms))
  const [known, setKnown] = useState(ms)
  if (!Object.is(ms, known)) {
    setKnown(ms)
    if (!Object.is(read(typed), ms)) setTyped(shown(ms))
  }
  return (
    <NumberInput
      label={label}
      size="xs"
      w={110}
      min={0}
      max={most / 1000}
      step={0.1}
      decimalScale={1}
      suffix={t('after.seconds')}
      value={typed}
      onChange={(s) => {
        setTyped(s)
        onChange(read(s))
      }}
    />
  )
}

const shown = (ms: number) => (Number.isNaN(ms) ? '' : Math.round(ms / 100) / 10)
const read = (s: number | string) => (s === '' ? NaN : Math.round(Number(s) * 1000))

function OneRedaction({ redaction }: { redaction: Redaction }) {
  const { t } = useTranslation('calls')
  const { kind, state, start_ms, end_ms, created_by, created_at, problem } = redaction
  const part = { from: duration(Math.max(0, start_ms)), to: duration(end_ms) }
  return (
    <li>
      <span>{t('after.takenOut', { kind: t(`after.redaction_${kind}`), ...part })}</span>
      <Text span inherit c="dimmed">
        {' '}
        {created_by && t('after.redactionBy', { who: created_by })} <Time at={created_at} />
      </Text>
      {state !== 'done' && (
        <Badge size="sm" ml={6} color={state === 'failed' ? 'red' : 'amber'}>
          {t(`after.redactionState_${state}`)}
        </Badge>
      )}
      {state === 'failed' && (
        <Text span inherit c="var(--mantine-color-error)">
          {' '}
          {problem}
        </Text>
      )}
    </li>
  )
}
