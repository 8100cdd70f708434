/** A recording to listen to: both sides as a waveform, and the usual controls. */
import { ActionIcon, Alert, Group, SegmentedControl, Text, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import {
  IconAlertTriangle,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconRewindBackward5,
  IconRewindForward5,
} from '@tabler/icons-react'
import { type ReactNode, type Ref, useImperativeHandle, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { duration } from '@/components/format'
import { useWaveform } from './useWaveform'
import classes from './wave.module.css'

export interface WaveHandle {
  playFrom: (ms: number) => void
  seek: (ms: number) => void
}

/** A part of the recording that is marked, like one that was silenced. */
export interface Span {
  startMs: number
  endMs: number
  label: string
}

interface WaveProps {
  ref: Ref<WaveHandle>
  /** Streams the audio, with ranges. */
  url: string
  durationMs: number
  /** Left and right, 0 to 1; null while they load, empty when there are none. */
  peaks: [number[], number[]] | null
  spans?: readonly Span[]
  /** Lies over the waveform, for choosing a part of it. */
  over?: ReactNode
  /** Where it plays, several times a second. */
  onTime: (ms: number) => void
}

export function Wave({ ref, url, durationMs, peaks, spans = [], over, onTime }: WaveProps) {
  const { t } = useTranslation('call')
  const box = useRef<HTMLDivElement>(null)
  const [atMs, setAtMs] = useState(0)
  const wave = useWaveform({
    box,
    url,
    durationMs,
    peaks,
    onTime: (ms) => {
      setAtMs(ms)
      onTime(ms)
    },
  })
  useImperativeHandle(ref, () => ({ playFrom: wave.playFrom, seek: wave.seek }), [wave.playFrom, wave.seek])
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
  const position = t('positionOf', { at: duration(atMs), of: duration(durationMs) })
  return (
    <>
      {wave.failed && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} mb="sm" role="alert">
          {t('recordingFailed')}
        </Alert>
      )}
      <div className={classes.field}>
        <div
          ref={box}
          className={classes.wave}
          role="slider"
          tabIndex={0}
          aria-label={t('position')}
          aria-valuemin={0}
          aria-valuemax={Math.round(durationMs / 1000)}
          aria-valuenow={Math.round(atMs / 1000)}
          aria-valuetext={position}
          onKeyDown={(event) => {
            const act = keys[event.key]
            if (!act) return
            event.preventDefault()
            act()
          }}
        />
        {spans.map((span) => (
          <Marked key={`${span.startMs} ${span.endMs} ${span.label}`} span={span} durationMs={durationMs} />
        ))}
        {over}
      </div>
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
            {position}
          </Text>
        </Group>
        <Sides />
        <SegmentedControl
          size="xs"
          aria-label={t('speed')}
          value={String(wave.speed)}
          onChange={(speed) => wave.setSpeed(Number(speed))}
          data={['1', '1.5', '2'].map((speed) => ({ value: speed, label: t('speedOf', { speed }) }))}
        />
      </Group>
    </>
  )
}

/** Where a part lies in the whole, as a style. */
export const placed = (startMs: number, endMs: number, durationMs: number): React.CSSProperties => ({
  left: `${(100 * Math.max(0, startMs)) / durationMs}%`,
  width: `${(100 * (Math.min(endMs, durationMs) - Math.max(0, startMs))) / durationMs}%`,
})

function Marked({ span: { startMs, endMs, label }, durationMs }: { span: Span; durationMs: number }) {
  return (
    <Tooltip label={label}>
      <div
        className={classes.marked}
        style={placed(startMs, endMs, durationMs)}
        role="img"
        aria-label={label}
      />
    </Tooltip>
  )
}

function Sides() {
  const { t } = useTranslation('call')
  return (
    <div className={classes.sides}>
      <span>
        <i style={{ background: 'var(--tl-caller)' }} aria-hidden />
        {t('caller')}
      </span>
      <span>
        <i style={{ background: 'var(--tl-agent)' }} aria-hidden />
        {t('agent')}
      </span>
    </div>
  )
}

interface IconButtonProps {
  label: string
  icon: ReactNode
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
