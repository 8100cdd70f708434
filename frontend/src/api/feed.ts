/** What live pages are fed by: one socket for all who watch the same, and what its messages add up to. */
import { api, onSessionLost, tellSessionLost } from './client'
import { LiveSocket, type SocketStatus } from './socket'

/** Going from page to page does not close what the next page wants as well. */
const KEEP_OPEN_MS = 3_000
/** Many messages are one rendering. */
const NOTIFY_MS = 40
const SWEEP_MS = 2_000

export interface Shown<S> {
  data: S
  status: SocketStatus
}

interface FeedOptions<S, M> {
  url: string
  initial: S
  hello: (state: S) => object
  reduce: (state: S, message: M) => S
  /** What time alone changes. */
  age?: (state: S) => S
  /** Whether something is missing, so that the server is asked again. */
  incomplete?: (state: S) => boolean
  onClosed: () => void
}

/** A socket, what its messages add up to, and who watches that. */
export class Feed<S, M> {
  private shown: Shown<S>
  private socket: LiveSocket | null = null
  private readonly watchers = new Set<() => void>()
  private closing: ReturnType<typeof setTimeout> | undefined
  private notifying: ReturnType<typeof setTimeout> | undefined
  private aging: ReturnType<typeof setInterval> | undefined
  private readonly forget: () => void
  /** Asked once for each gap: what the server does not have is not asked for for ever. */
  private askedAt = ''

  constructor(private readonly options: FeedOptions<S, M>) {
    this.shown = { data: options.initial, status: 'connecting' }
    this.forget = onSessionLost(() => this.end())
  }

  get = (): Shown<S> => this.shown

  watch = (watcher: () => void): (() => void) => {
    clearTimeout(this.closing)
    this.watchers.add(watcher)
    this.socket ??= this.open()
    return () => {
      this.watchers.delete(watcher)
      if (this.watchers.size === 0) this.closing = setTimeout(() => this.end(), KEEP_OPEN_MS)
    }
  }

  private open(): LiveSocket {
    const { age } = this.options
    if (age) this.aging = setInterval(() => this.set({ data: age(this.shown.data) }), SWEEP_MS)
    return new LiveSocket({
      url: this.options.url,
      hello: () => this.options.hello(this.shown.data),
      onMessage: (message) => this.take(message as M),
      onStatus: (status) => this.set({ status }),
      onRefused: (code) => {
        if (code === 4401) tellSessionLost()
      },
      // Refused handshakes look like a dead network to a page: the API says which it is, and tells of 401.
      onUnreached: () => void api.GET('/api/v1/me').catch(() => {}),
    })
  }

  private take(message: M): void {
    const data = this.options.reduce(this.shown.data, message)
    this.set({ data })
    if (!this.options.incomplete?.(data)) return
    const question = JSON.stringify(this.options.hello(data))
    if (question === this.askedAt) return
    this.askedAt = question
    this.socket?.ask()
  }

  private set(change: { data?: S; status?: SocketStatus }): void {
    const next = { ...this.shown, ...change }
    if (next.data === this.shown.data && next.status === this.shown.status) return
    this.shown = next
    this.notifying ??= setTimeout(() => {
      this.notifying = undefined
      this.watchers.forEach((watcher) => watcher())
    }, NOTIFY_MS)
  }

  private end(): void {
    clearTimeout(this.closing)
    clearInterval(this.aging)
    this.socket?.close()
    this.socket = null
    if (this.watchers.size > 0) return
    this.forget()
    this.options.onClosed()
  }
}

/** The feed that is open under `key`, or a new one. */
export function feed<S, M>(
  feeds: Map<string, Feed<S, M>>,
  key: string,
  options: Omit<FeedOptions<S, M>, 'onClosed'>,
): Feed<S, M> {
  const known = feeds.get(key)
  if (known) return known
  const made = new Feed<S, M>({ ...options, onClosed: () => feeds.delete(key) })
  feeds.set(key, made)
  return made
}

/** `what`: whose socket, calls or campaigns. */
export function socketUrl(what: string, tenant: string): string {
  const { protocol, host } = window.location
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws/v1/${what}/?tenant=${encodeURIComponent(tenant)}`
}
