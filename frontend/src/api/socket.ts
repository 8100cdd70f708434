/** A socket that stays open: it comes back after every loss, and notices losses that nobody tells of. */

export type SocketStatus = 'connecting' | 'open' | 'waiting' | 'closed'

interface Options {
  url: string
  /** What to send whenever the socket has opened, and when it has been silent: a question that is answered. */
  hello: () => object
  onMessage: (message: unknown) => void
  onStatus: (status: SocketStatus) => void
  /** The server will not have us (4401 nobody is logged in, 4403 not allowed); it is not asked again. */
  onRefused: (code: number) => void
  /** Before a new attempt after one that was refused without a reason: browsers are not told why. */
  onUnreached?: () => void
}

const OPENING_MS = 10_000
/** After so much silence the question is asked again; without an answer the connection is dead. */
const SILENCE_MS = 40_000
const ANSWER_MS = 10_000
const LONGEST_WAIT_MS = 30_000
const REFUSED = [4401, 4403, 4404]

/** 0.25 to 0.5 s, then twice as long after each failure, up to 15 to 30 s: a crowd does not come back at once. */
export function waitMs(failures: number, random: () => number = Math.random): number {
  return Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures) * (0.5 + random() / 2)
}

export class LiveSocket {
  private socket: WebSocket | null = null
  private failures = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private wait: ReturnType<typeof setTimeout> | undefined
  private stopped = false

  constructor(private readonly options: Options) {
    window.addEventListener('online', this.atOnce)
    this.connect()
  }

  close(): void {
    this.stopped = true
    window.removeEventListener('online', this.atOnce)
    clearTimeout(this.wait)
    this.drop()
    this.options.onStatus('closed')
  }

  /** Asks again, for example for what is missing. */
  ask(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return
    this.socket.send(JSON.stringify(this.options.hello()))
    this.expect(ANSWER_MS, this.lost)
  }

  private connect(): void {
    this.options.onStatus('connecting')
    const socket = new WebSocket(this.options.url)
    this.socket = socket
    let opened = false
    this.expect(OPENING_MS, this.lost)
    socket.onopen = () => {
      opened = true
      this.ask()
    }
    socket.onmessage = ({ data }) => {
      this.failures = 0
      this.options.onStatus('open')
      this.expect(SILENCE_MS, () => this.ask())
      this.options.onMessage(JSON.parse(String(data)))
    }
    socket.onclose = ({ code }) => {
      if (REFUSED.includes(code)) {
        this.close()
        this.options.onRefused(code)
        return
      }
      if (!opened) this.options.onUnreached?.()
      this.lost()
    }
  }

  private expect(ms: number, otherwise: () => void): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(otherwise, ms)
  }

  private lost = (): void => {
    this.drop()
    if (this.stopped) return
    this.options.onStatus('waiting')
    this.wait = setTimeout(() => this.connect(), waitMs(this.failures++))
  }

  private atOnce = (): void => {
    if (this.socket || this.stopped) return
    clearTimeout(this.wait)
    this.connect()
  }

  private drop(): void {
    clearTimeout(this.timer)
    const socket = this.socket
    this.socket = null
    if (!socket) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }
}
