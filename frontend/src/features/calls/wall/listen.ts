/** Hears a running call: /ws/v1/listen/ sends both sides, mixed; they are played as they come. */
import { useEffect, useState } from 'react'
import { useTenant } from '@/api/session'

export type ListenState = 'off' | 'connecting' | 'on' | 'failed'

/** So far behind the call the sound is played, s: what the network delays stays unheard. */
const CUSHION_S = 0.25
/** Further behind than this, we leap: sound that is late is worth less than sound that is now. */
const BEHIND_S = 1.5

/** 16-bit little-endian samples as the numbers from -1 to 1 that Web Audio takes. */
export function samples(data: ArrayBuffer): Float32Array<ArrayBuffer> {
  const view = new DataView(data)
  const out = new Float32Array(Math.floor(data.byteLength / 2))
  for (let i = 0; i < out.length; i++) out[i] = view.getInt16(2 * i, true) / 32_768
  return out
}

/** When the next piece is to start, given when the one before ends (both in s of the audio clock). */
export function startOf(now: number, ends: number): number {
  if (ends < now || ends > now + BEHIND_S) return now + CUSHION_S
  return ends
}

/** Plays the call while `id` is set. The sound needs a click before: browsers allow it no sooner. */
export function useListen(id: string | null): ListenState {
  const { tenant } = useTenant()
  const [last, setLast] = useState<{ id: string; state: ListenState } | null>(null)
  useEffect(() => {
    if (!id) return
    return listen(tenant.id, id, (state) => setLast({ id, state }))
  }, [id, tenant.id])
  if (!id) return 'off'
  return last?.id === id ? last.state : 'connecting'
}

function listen(tenant: string, call: string, tell: (state: ListenState) => void): () => void {
  const { protocol, host } = window.location
  const address = new URLSearchParams({ tenant, call })
  const socket = new WebSocket(
    `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws/v1/listen/?${address.toString()}`,
  )
  socket.binaryType = 'arraybuffer'
  const audio = new AudioContext()
  void audio.resume()
  let rate = 8_000
  let ends = 0
  let over = false
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (data instanceof ArrayBuffer) {
      ends = play(audio, samples(data), rate, ends)
      return
    }
    const message = JSON.parse(data) as { type: string; sample_rate?: number }
    if (message.type === 'listening') {
      rate = message.sample_rate ?? rate
      tell('on')
    }
    over ||= message.type === 'ended'
  }
  socket.onclose = () => tell(over ? 'off' : 'failed')
  return () => {
    socket.onmessage = socket.onclose = null
    socket.close()
    void audio.close()
  }
}

/** Queues a piece; returns when it will have ended. */
function play(audio: AudioContext, piece: Float32Array<ArrayBuffer>, rate: number, ends: number): number {
  if (piece.length === 0) return ends
  const buffer = audio.createBuffer(1, piece.length, rate)
  buffer.copyToChannel(piece, 0)
  const source = audio.createBufferSource()
  source.buffer = buffer
  source.connect(audio.destination)
  const start = startOf(audio.currentTime, ends)
  source.start(start)
  return start + buffer.duration
}
