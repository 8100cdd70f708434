/** Turn-taking as it happens: a strip of the last seconds, the silence that counts, and the same in words. */
import { Stack, Text, Title } from '@mantine/core'
import { useReducedMotion } from '@mantine/hooks'
import { type RefObject, useEffect, useRef, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { latency } from '@/components/format'
import { coloursOf, drawFloor, HEIGHT } from './drawFloor'
import type { FloorPoint, FloorTrack, Happening } from './floor'
import { talk as texts } from './texts'
import classes from './floor.module.css'

/** A frame may be drawn so long after the last point as if time went on. */
const COAST_MS = 300
const SHOWN_DEEDS = 4

export function FloorPicture({ track, running }: { track: FloorTrack; running: boolean }) {
  const { t } = useTranslation('talk')
  const { now, happened } = useSyncExternalStore(track.subscribe, track.current)
  const canvas = useRef<HTMLCanvasElement>(null)
  const still = useReducedMotion()
  usePicture(canvas, track, { running, still, shown: now !== null })
  if (!now) return null
  return (
    <Stack gap={6} component="section" aria-label={t('floor.title')}>
      <Title order={3} size="h4">
        {t('floor.title')}
      </Title>
      <div className={classes.frame}>
        <canvas
          ref={canvas}
          className={classes.strip}
          height={HEIGHT}
          role="img"
          aria-label={t('floor.picture')}
        />
        <span className={classes.who} data-side="caller" aria-hidden>
          {t('floor.caller')}
        </span>
        <span className={classes.who} data-side="agent" aria-hidden>
          {t('floor.agent')}
        </span>
      </div>
      <Now point={now} />
      <Legend />
      <ol className={classes.deeds} aria-label={t('floor.happened')}>
        {happened.slice(0, SHOWN_DEEDS).map((one) => (
          <Deed key={`${one.at_ms} ${one.deed}`} happening={one} />
        ))}
      </ol>
    </Stack>
  )
}

interface Manner {
  running: boolean
  still: boolean
  /** There is something to draw on. */
  shown: boolean
}

/** Draws with every frame of the screen, or, for who wants no motion, with every point. */
function usePicture(
  canvas: RefObject<HTMLCanvasElement | null>,
  track: FloorTrack,
  { running, still, shown }: Manner,
) {
  useEffect(() => {
    let frame = 0
    let told = performance.now()
    const draw = () => {
      const element = canvas.current
      const last = track.state.now
      if (!element || !last) return
      const coasting = running && !still ? Math.min(COAST_MS, performance.now() - told) : 0
      paint(element, track, last.at_ms + coasting, still)
    }
    const loop = () => {
      draw()
      frame = requestAnimationFrame(loop)
    }
    const stop = track.subscribe(() => {
      told = performance.now()
      if (still || !running) draw()
    })
    const watch = new ResizeObserver(draw)
    if (canvas.current) watch.observe(canvas.current)
    if (running && !still) loop()
    else draw()
    return () => {
      cancelAnimationFrame(frame)
      stop()
      watch.disconnect()
    }
  }, [canvas, track, running, still, shown])
}

function paint(canvas: HTMLCanvasElement, track: FloorTrack, now_ms: number, still: boolean) {
  const context = canvas.getContext('2d')
  if (!context) return
  const ratio = window.devicePixelRatio || 1
  const width = canvas.clientWidth
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio)
  if (canvas.height !== HEIGHT * ratio) canvas.height = HEIGHT * ratio
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  const { points, state } = track
  drawFloor(context, width, coloursOf(canvas), { points, happened: state.happened, now_ms, still })
}

/** The counter of the silence, and why it ends where it does. */
function Now({ point }: { point: FloorPoint }) {
  const { t } = useTranslation('talk')
  const reason = useReason()
  const share = Math.min(1, point.silence_ms / Math.max(1, point.endpoint_ms))
  return (
    <div className={classes.now}>
      <div className={classes.gauge} aria-hidden>
        <div style={{ width: `${point.state === 'paused' ? 100 * share : 0}%` }} />
      </div>
      <Text size="sm" className="tl-mono">
        {point.state === 'paused'
          ? t('floor.silence', { now: point.silence_ms, of: point.endpoint_ms })
          : t(`floor.state_${point.state}`)}
      </Text>
      {point.state === 'paused' && point.reason && <Text size="sm">{reason(point.reason)}</Text>}
      <Text size="sm" c="dimmed" ml="auto">
        {t(`floor.agent_${point.agent}`)}
      </Text>
    </div>
  )
}

/** Reasons as people read them; one that we have no words for, as it is. */
function useReason() {
  const { t } = useTranslation('talk')
  return (reason: string) => {
    const known = Object.keys(texts.floor.reasons).find((one) => one === reason)
    return known ? t(`floor.reasons.${known as keyof typeof texts.floor.reasons}`) : reason
  }
}

function Deed({ happening: { at_ms, deed, silence_ms, reason } }: { happening: Happening }) {
  const { t } = useTranslation('talk')
  const words = useReason()
  // There was no last word before its greeting.
  const opens = deed === 'agentBegan' && silence_ms === 0
  return (
    <li>
      <span className="tl-mono">{t('floor.at', { seconds: (at_ms / 1000).toFixed(1) })}</span>
      {t(`floor.deeds.${opens ? 'agentOpens' : deed}`, {
        silence: latency(silence_ms),
        reason: words(reason),
      })}
    </li>
  )
}

const SIGNS = ['level', 'speech', 'silence', 'end', 'making', 'speaking', 'resuming', 'interrupted'] as const

function Legend() {
  const { t } = useTranslation('talk')
  return (
    <ul className={classes.legend} aria-label={t('floor.legend')}>
      {SIGNS.map((sign) => (
        <li key={sign}>
          <span className={classes.sign} data-sign={sign} aria-hidden />
          {t(`floor.signs.${sign}`)}
        </li>
      ))}
    </ul>
  )
}
