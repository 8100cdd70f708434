/** The recording: both sides as a waveform, what happened as marks on it, and the usual controls. */
import { ActionIcon, Alert, Anchor, Group, Loader, SegmentedControl, Text, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import {
  IconAlertTriangle,
  IconDownload,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconRewindBackward5,
  IconRewindForward5,
} from '@tabler/icons-react'
import { type Ref, useImperativeHandle, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { CallEvent } from '@/api/live'
import { useTenant } from '@/api/session'
import { duration } from '@/components/format'
import { useNow } from '../useNow'
import { Marks } from './Marks'
import { Section } from './Section'
import classes from './call.module.css'
import { marksOf } from './marks'
import { type CallDetail, recordingComes } from './useCall'
import { useWaveform } from './useWaveform'

export interface PlayerHandle {
  playFrom: (ms: number) => void
}

interface PlayerProps {
  ref: Ref<PlayerHandle>
  call: CallDetail
  events: readonly CallEvent[]
  /** Where it plays, several times a second; null before the first time. */
  onTime: (ms: number | null) => void
}

export function Player({ ref, call, events, onTime }: PlayerProps) {
  const { t } = useTranslation('calls')
  const waiting = call.state === 'ended' && !call.recording && !!call.answered_at
  const now = useNow(waiting)
  if (call.recording) return <Recording ref={ref} call={call} events={events} onTime={onTime} />
  const coming = recordingComes(call, now)
  return (
    <Section title={t('recording')}>
      <Group gap="xs">
        {coming && <Loader size="xs" />}
        <Text c="dimmed" size="sm">
          {call.state !== 'ended'
            ? t('recordingRunning')
            : t(coming ? 'recordingComing' : call.answered_at ? 'recordingMissing' : 'recordingNone')}
        </Text>
      </Group>
    </Section>
  )
}

function Recording({ ref, call, events, onTime }: PlayerProps) {
  const { t } = useTranslation('calls')
  const { tenant } = useTenant()
  const peaks = $api.useQuery(
    'get',
    '/api/v1/calls/{id}/recording/peaks',
    { params: { path: { id: call.id } } },
    { staleTime: Infinity },
  )
  const box = useRef<HTMLDivElement>(null)
  const [atMs, setAtMs] = useState(0)
  const durationMs = call.recording!.duration_ms
  // An audio element sends no headers: the address says for which tenant it asks.
  const url = `/api/v1/calls/${call.id}/recording?tenant=${tenant.id}`
  const wave = useWaveform({
    box,
    url,
    durationMs,
    peaks: peaks.isPending ? null : [peaks.data?.left ?? [], peaks.data?.right ?? []],
    onTime: (ms) => {
      setAtMs(ms)
      onTime(ms)
    },
  })
  useImperativeHandle(ref, () => ({ playFrom: wave.playFrom }), [wave.playFrom])
  useHotkeys([
    [
      'space',
      (event) => {
        // A button that has the focus keeps its space bar.
        if (event.target instanceof Element && event.target.closest('button, a, [role=radio]')) return
        event.preventDefault()
        wave.toggle()
      },
      { preventDefault: false },
    ],
  ])
  const step = (ms: number) => wave.seek(Math.min(durationMs, Math.max(0, atMs + ms)))
  const keys: Record<string, () => void> = {
    ArrowLeft: () => step(-5_000),
    ArrowRight: () => step(5_000),
    Home: () => wave.seek(0),
    End: () => wave.seek(durationMs),
  }
  const download = (
    <Anchor href={url} download={`${call.id}.wav`} size="sm">
      <Group gap={4} component="span" display="inline-flex">
        <IconDownload size={15} aria-hidden />
        {t('download')}
      </Group>
    </Anchor>
  )
  return (
    <Section title={t('recording')} end={download}>
      {wave.failed && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} mb="sm" role="alert">
          {t('recordingFailed')}
        </Alert>
      )}
      <Marks marks={marksOf(events, durationMs)} durationMs={durationMs} onSeek={wave.playFrom} />
      <div
        ref={box}
        className={classes.wave}
        role="slider"
        tabIndex={0}
        aria-label={t('position')}
        aria-valuemin={0}
        aria-valuemax={Math.round(durationMs / 1000)}
        aria-valuenow={Math.round(atMs / 1000)}
        aria-valuetext={t('positionOf', { at: duration(atMs), of: duration(durationMs) })}
        onKeyDown={(event) => {
          const act = keys[event.key]
          if (!act) return
          event.preventDefault()
          act()
        }}
      />
      <Group justify="space-between" mt="xs" gap="sm">
        <Group gap="xs">
          <IconButton
            label={t('back5')}
            onClick={() => step(-5_000)}
            icon={<IconRewindBackward5 size={18} />}
          />
          <IconButton
            label={t(wave.playing ? 'pause' : 'play')}
            onClick={wave.toggle}
            filled
            icon={wave.playing ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
          />
          <IconButton
            label={t('forward5')}
            onClick={() => step(5_000)}
            icon={<IconRewindForward5 size={18} />}
          />
          <Text span className="tl-mono" size="sm">
            {t('positionOf', { at: duration(atMs), of: duration(durationMs) })}
          </Text>
        </Group>
        <div className={classes.sides}>
          <span>
            <i style={{ background: 'var(--tl-caller)' }} aria-hidden />
            {t('side_caller')}
          </span>
          <span>
            <i style={{ background: 'var(--tl-agent)' }} aria-hidden />
            {t('side_agent')}
          </span>
        </div>
        <SegmentedControl
          size="xs"
          aria-label={t('speed')}
          value={String(wave.speed)}
          onChange={(speed) => wave.setSpeed(Number(speed))}
          data={['1', '1.5', '2'].map((speed) => ({ value: speed, label: t('speedOf', { speed }) }))}
        />
      </Group>
      <Text size="xs" c="dimmed" mt={4} visibleFrom="sm">
        {t('spaceHint')}
      </Text>
    </Section>
  )
}

interface IconButtonProps {
  label: string
  icon: React.ReactNode
  onClick: () => void
  filled?: boolean
}

function IconButton({ label, icon, onClick, filled = false }: IconButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size="lg"
        radius="xl"
        variant={filled ? 'filled' : 'subtle'}
        aria-label={label}
        onClick={onClick}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}
