/** One talk from the first click to the end: the microphone, the call, the socket, the sound. */
import { api, currentTenant } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { FloorPoint } from './floor'
import { NoMicrophone, openMicrophone, openSound, type Sound } from './sound'
import { type Happening, isOver, onHappening, silent, type TalkMessage, type TalkState } from './talkState'

export interface Wish {
  agent: string
  source: 'draft' | 'published'
  variables?: Record<string, string>
}

interface Watchers {
  onState: (state: TalkState) => void
  onLevel: (level: number) => void
  onFloor: (point: FloorPoint) => void
}

/** How long the server may take to say how the talk ended. */
const FAREWELL_MS = 8_000
/** How long connecting may take. */
const CONNECT_MS = 20_000
/** What may wait in the socket; more is a connection that is too slow for speech, bytes. */
const MOST_WAITING = 320 * 25

export class TalkSession {
  state: TalkState = silent
  private sound: Sound | null = null
  private microphone: MediaStream | null = null
  private socket: WebSocket | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private muted = false

  constructor(private readonly watchers: Watchers) {}

  /** `before` runs once the microphone is there; false ends it without a call. */
  async start(wish: Wish, before: () => Promise<boolean>): Promise<void> {
    this.happen({ kind: 'begin' })
    try {
      // First of all: a call without a microphone helps nobody.
      this.microphone = await openMicrophone()
      this.watchMicrophone(this.microphone)
      if (isOver(this.state)) return this.release()
      if (!(await before())) return this.abandon()
      this.happen({ kind: 'connect' })
      await this.connect(wish)
    } catch (error) {
      this.refuse(error)
    }
  }

  hangUp(): void {
    if (this.state.phase === 'microphone') return this.abandon()
    this.happen({ kind: 'hangUp' })
    this.sound?.flush()
    if (this.socket?.readyState !== WebSocket.OPEN) return this.finish()
    this.say({ type: 'hang_up' })
    this.timer = setTimeout(() => this.finish(), FAREWELL_MS)
  }

  press(digit: string): void {
    if (this.state.phase === 'talking') this.say({ type: 'dtmf', digit })
  }

  setMuted(muted: boolean): void {
    this.muted = muted
    this.sound?.setMuted(muted)
  }

  /** The page goes away. */
  dispose(): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.say({ type: 'hang_up' })
    this.watchers.onState = () => {}
    this.release()
  }

  private async connect(wish: Wish): Promise<void> {
    const { data } = await api.POST('/api/v1/browser-calls', { body: wish })
    this.happen({ kind: 'call', id: data!.id })
    this.sound = await openSound(this.microphone!, {
      onFrame: (frame) => this.send(frame),
      onLevel: this.watchers.onLevel,
    })
    this.sound.setMuted(this.muted)
    if (this.state.phase !== 'connecting') return this.release()
    const socket = new WebSocket(address(data!.id))
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data: message }: MessageEvent<ArrayBuffer | string>) => this.hear(message)
    socket.onclose = () => this.finish()
    this.socket = socket
    this.timer = setTimeout(() => {
      if (this.state.phase === 'connecting') this.refuse(new Error('timeout'), 'lost')
    }, CONNECT_MS)
  }

  private hear(message: ArrayBuffer | string): void {
    if (message instanceof ArrayBuffer) {
      // What still comes after hanging up is not played any more.
      if (this.state.phase === 'talking') this.sound?.play(message)
      return
    }
    const told = JSON.parse(message) as TalkMessage
    if (told.type === 'floor') return this.watchers.onFloor(told)
    if (told.type === 'event' && told.event.type === 'barge_in' && !told.event.resumed) this.sound?.flush()
    this.happen({ kind: 'message', message: told })
    if (isOver(this.state)) this.release()
  }

  private send(frame: ArrayBuffer): void {
    const { socket } = this
    if (this.state.phase !== 'talking' || socket?.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount < MOST_WAITING) socket.send(frame)
  }

  private say(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  private watchMicrophone(microphone: MediaStream): void {
    for (const track of microphone.getAudioTracks())
      track.onended = () => {
        if (!isOver(this.state)) this.refuse(new NoMicrophone('missing'))
      }
  }

  private refuse(error: unknown, failure?: 'lost'): void {
    if (error instanceof NoMicrophone) this.happen({ kind: 'fail', failure: error.fault })
    else if (failure) this.happen({ kind: 'fail', failure })
    else if (error instanceof DOMException)
      this.happen({ kind: 'fail', failure: 'sound', detail: error.message })
    else {
      const problem = asProblem(error)
      const failed = problem.status === 0 ? 'lost' : problem.status === 503 ? 'no_node' : 'call'
      this.happen({ kind: 'fail', failure: failed, detail: problem.detail })
    }
    this.say({ type: 'hang_up' })
    this.release()
  }

  private finish(): void {
    this.happen({ kind: 'closed' })
    this.release()
  }

  private abandon(): void {
    this.state = silent
    this.watchers.onState(silent)
    this.release()
  }

  private release(): void {
    clearTimeout(this.timer)
    this.sound?.close()
    this.microphone?.getTracks().forEach((track) => track.stop())
    if (this.socket) {
      this.socket.onmessage = this.socket.onclose = null
      this.socket.close(1000)
    }
    this.socket = this.sound = this.microphone = null
    this.watchers.onLevel(0)
  }

  private happen(happening: Happening): void {
    this.state = onHappening(this.state, happening)
    this.watchers.onState(this.state)
  }
}

function address(call: string): string {
  const { protocol, host } = window.location
  const query = new URLSearchParams({ tenant: currentTenant(), call })
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws/v1/talk/?${query.toString()}`
}
