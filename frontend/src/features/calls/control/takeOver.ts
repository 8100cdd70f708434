/** Speaking with the caller instead of the agent: /ws/v1/take-over/ takes the microphone and sends the call. */
import { currentTenant } from '@/api/client'
import {
  type MicrophoneFault,
  NoMicrophone,
  openMicrophone,
  openSound,
  type Sound,
} from '@/components/talk/sound'

export type TakeOverState =
  | { phase: 'off' }
  /** The browser asks for the microphone, or the call is being taken. */
  | { phase: 'microphone' | 'connecting' }
  /** The caller hears us. */
  | { phase: 'on' }
  | { phase: 'failed'; fault: MicrophoneFault | 'refused_call' | 'lost' | 'sound'; detail: string }

type Message =
  | { type: 'listening' | 'taken_over' | 'ended' }
  | { type: 'error'; code: string; detail: string }
  | { type: 'event' | 'state' }

/** How long taking the call may take. */
const CONNECT_MS = 15_000
/** What may wait in the socket; more is a connection that is too slow for speech, bytes. */
const MOST_WAITING = 320 * 25

interface Watchers {
  onState: (state: TakeOverState) => void
  onLevel: (level: number) => void
}

export class TakeOver {
  private microphone: MediaStream | null = null
  private sound: Sound | null = null
  private socket: WebSocket | null = null
  private state: TakeOverState = { phase: 'off' }
  private over = false
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly call: string,
    private readonly watchers: Watchers,
  ) {}

  async start(): Promise<void> {
    this.tell({ phase: 'microphone' })
    try {
      // First of all: a call that is taken without a microphone helps nobody.
      this.microphone = await openMicrophone()
      if (this.over) return this.release()
      this.tell({ phase: 'connecting' })
      this.sound = await openSound(this.microphone, {
        onFrame: (frame) => this.send(frame),
        onLevel: this.watchers.onLevel,
      })
      if (this.over) return this.release()
      this.connect()
    } catch (error) {
      if (error instanceof NoMicrophone) this.fail(error.fault, '')
      else this.fail('sound', error instanceof Error ? error.message : String(error))
    }
  }

  setMuted(muted: boolean): void {
    this.sound?.setMuted(muted)
  }

  /** The agent goes on with the call. */
  giveBack(): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type: 'give_back' }))
    this.finish()
  }

  private connect(): void {
    const { protocol, host } = window.location
    const query = new URLSearchParams({ tenant: currentTenant(), call: this.call })
    const socket = new WebSocket(
      `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws/v1/take-over/?${query.toString()}`,
    )
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (data instanceof ArrayBuffer) this.sound?.play(data)
      else this.hear(JSON.parse(data) as Message)
    }
    socket.onclose = () => this.fail('lost', '')
    this.timer = setTimeout(() => this.fail('refused_call', ''), CONNECT_MS)
    this.socket = socket
  }

  private hear(message: Message): void {
    if (message.type === 'taken_over') {
      clearTimeout(this.timer)
      this.tell({ phase: 'on' })
    }
    if (message.type === 'ended') this.finish()
    // A complaint about one message does not end what runs.
    if (message.type === 'error' && this.state.phase !== 'on') this.fail('refused_call', message.detail)
  }

  private send(frame: ArrayBuffer): void {
    const { socket } = this
    if (this.state.phase !== 'on' || socket?.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount < MOST_WAITING) socket.send(frame)
  }

  private fail(fault: Extract<TakeOverState, { phase: 'failed' }>['fault'], detail: string): void {
    if (this.over) return
    this.tell({ phase: 'failed', fault, detail })
    this.release()
  }

  private finish(): void {
    this.tell({ phase: 'off' })
    this.release()
  }

  private release(): void {
    this.over = true
    clearTimeout(this.timer)
    this.sound?.close()
    this.microphone?.getTracks().forEach((track) => track.stop())
    if (this.socket) {
      this.socket.onmessage = this.socket.onclose = null
      this.socket.close(1000)
    }
    this.socket = this.sound = this.microphone = null
  }

  private tell(state: TakeOverState): void {
    this.state = state
    this.watchers.onState(state)
  }
}
