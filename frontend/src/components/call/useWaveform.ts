/** wavesurfer.js over an audio element that streams: the peaks come from the API, so nothing is decoded here. */
import { useComputedColorScheme } from '@mantine/core'
import { type RefObject, useCallback, useEffect, useEffectEvent, useRef, useState } from 'react'
import WaveSurfer from 'wavesurfer.js'

const SIDE_PX = 46
/** How often the rest of the page hears where it plays, ms. */
const TELL_MS = 150

interface WaveformOptions {
  box: RefObject<HTMLDivElement | null>
  url: string
  durationMs: number
  /** Left and right, 0 to 1; null while they load, empty when there are none. */
  peaks: [number[], number[]] | null
  onTime: (ms: number) => void
}

export interface Waveform {
  playing: boolean
  failed: boolean
  speed: number
  toggle: () => void
  seek: (ms: number) => void
  playFrom: (ms: number) => void
  setSpeed: (speed: number) => void
}

export function useWaveform({ box, url, durationMs, peaks, onTime }: WaveformOptions): Waveform {
  const scheme = useComputedColorScheme('light')
  const surfer = useRef<WaveSurfer>(null)
  const [playing, setPlaying] = useState(false)
  const [failed, setFailed] = useState(false)
  const [speed, setSpeedState] = useState(1)
  const ready = peaks !== null
  const create = useEffectEvent((container: HTMLElement) =>
    WaveSurfer.create({
      container,
      url,
      peaks: peaks?.map((side) => (side.length > 0 ? side : [0, 0])),
      duration: durationMs / 1000,
      ...look(container),
      dragToSeek: true,
      cspNonce: nonce(),
    }),
  )
  const told = useRef(0)
  const tell = useEffectEvent((s: number, atOnce: boolean) => {
    if (!atOnce && Math.abs(Date.now() - told.current) < TELL_MS) return
    told.current = Date.now()
    onTime(s * 1000)
  })
  useEffect(() => {
    const container = box.current
    if (!ready || !container) return
    const wave = create(container)
    surfer.current = wave
    wave.on('play', () => setPlaying(true))
    wave.on('pause', () => setPlaying(false))
    wave.on('finish', () => setPlaying(false))
    wave.on('error', () => setFailed(true))
    wave.on('timeupdate', (s) => tell(s, false))
    wave.on('seeking', (s) => tell(s, true))
    return () => {
      surfer.current = null
      wave.destroy()
    }
  }, [box, url, ready])
  useEffect(() => {
    // A canvas knows no CSS variables: it is painted again in the colours of the other scheme.
    if (surfer.current && box.current) surfer.current.setOptions(look(box.current))
  }, [scheme, box, ready])

  const toggle = useCallback(() => void surfer.current?.playPause().catch(() => setFailed(true)), [])
  const seek = useCallback((ms: number) => surfer.current?.setTime(Math.max(0, ms) / 1000), [])
  const playFrom = useCallback((ms: number) => {
    surfer.current?.setTime(Math.max(0, ms) / 1000)
    void surfer.current?.play().catch(() => setFailed(true))
  }, [])
  const setSpeed = useCallback((rate: number) => {
    setSpeedState(rate)
    surfer.current?.setPlaybackRate(rate, true)
  }, [])
  return { playing, failed, speed, toggle, seek, playFrom, setSpeed }
}

/** The colours of the two sides as the page has them now. */
function look(element: HTMLElement) {
  const style = getComputedStyle(element)
  const color = (name: string) => style.getPropertyValue(name).trim()
  const side = (name: string) => ({
    height: SIDE_PX,
    waveColor: `color-mix(in srgb, ${color(name)} 45%, ${color('--tl-surface')})`,
    progressColor: color(name),
    barWidth: 2,
    barGap: 1,
    barRadius: 1,
    barMinHeight: 1,
  })
  return {
    cursorColor: color('--mantine-color-text'),
    cursorWidth: 1,
    splitChannels: [side('--tl-caller'), side('--tl-agent')],
  }
}

function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
}
