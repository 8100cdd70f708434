/**
 * Live data of the tenant's calls: `useLiveCalls()` for all that run, `useLiveCall(id)` for the events of
 * one. Both share the connection among whoever asks for the same, and close it when nobody does any more.
 */
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { api, onSessionLost, tellSessionLost } from './client'
import type { LiveMessage } from './events'
import {
  type CallFeedState,
  type LiveCall,
  type TenantState,
  emptyFeed,
  nothingKnown,
  onFeedMessage,
  onTenantMessage,
  sweep,
} from './liveState'
import { useTenant } from './session'
import { LiveSocket, type SocketStatus } from './socket'

export type { CallEvent, CallItem, EventBody } from './events'
export type { LiveCall } from './liveState'

/** Going from page to page does not close what the next page wants as well. */
const KEEP_OPEN_MS = 3_000
/** Many messages are one rendering. */
const NOTIFY_MS = 40
const SWEEP_MS = 2_000

interface Shown<S> {
  data: S
  status: SocketStatus
}

interface FeedOptions<S> {
  url: string
  initial: S
  hello: (state: S) => object
  reduce: (state: S, message: LiveMessage) => S
  /** What time alone changes. */
  age?: (state: S) => S
  /** Whether something is missing, so that the server is asked again. */
  incomplete?: (state: S) => boolean
  onClosed: () => void
}

/** A socket, what its messages add up to, and who watches that. */
class Feed<S> {
  private shown: Shown<S>
  private socket: LiveSocket | null = null
  private readonly watchers = new Set<() => void>()
  private closing: ReturnType<typeof setTimeout> | undefined
  private notifying: ReturnType<typeof setTimeout> | undefined
  private aging: ReturnType<typeof setInterval> | undefined
  private readonly forget: () => void
  /** Asked once for each gap: what the server does not have is not asked for for ever. */
  private askedAt = ''

  constructor(private readonly options: FeedOptions<S>) {
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
      onMessage: (message) => this.take(message as LiveMessage),
      onStatus: (status) => this.set({ status }),
      onRefused: (code) => {
        if (code === 4401) tellSessionLost()
      },
      // Refused handshakes look like a dead network to a page: the API says which it is, and tells of 401.
      onUnreached: () => void api.GET('/api/v1/me').catch(() => {}),
    })
  }

  private take(message: LiveMessage): void {
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

const tenantFeeds = new Map<string, Feed<TenantState>>()
const callFeeds = new Map<string, Feed<CallFeedState>>()

function feed<S>(
  feeds: Map<string, Feed<S>>,
  key: string,
  options: Omit<FeedOptions<S>, 'onClosed'>,
): Feed<S> {
  const known = feeds.get(key)
  if (known) return known
  const made = new Feed<S>({ ...options, onClosed: () => feeds.delete(key) })
  feeds.set(key, made)
  return made
}

function socketUrl(tenant: string): string {
  const { protocol, host } = window.location
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws/v1/calls/?tenant=${encodeURIComponent(tenant)}`
}

function tenantFeed(tenant: string): Feed<TenantState> {
  return feed(tenantFeeds, tenant, {
    url: socketUrl(tenant),
    initial: nothingKnown,
    hello: () => ({ type: 'subscribe' }),
    reduce: (state, message) => onTenantMessage(state, message, Date.now()),
    age: (state) => sweep(state, Date.now()),
  })
}

function callFeed(tenant: string, call: string, after: number): Feed<CallFeedState> {
  return feed(callFeeds, `${tenant} ${call}`, {
    url: socketUrl(tenant),
    initial: emptyFeed(after),
    hello: ({ seq }) => ({ type: 'subscribe', call, after: seq }),
    reduce: onFeedMessage,
    incomplete: ({ gap }) => gap,
  })
}

/** The tenant's running calls, newest first, and those that ended a moment ago. */
export function useLiveCalls(): {
  calls: LiveCall[]
  /** Calls that began while we watched, newest first. */
  begun: readonly string[]
  known: boolean
  status: SocketStatus
} {
  const { tenant } = useTenant()
  const source = useMemo(() => tenantFeed(tenant.id), [tenant.id])
  const { data, status } = useSyncExternalStore(source.watch, source.get)
  const calls = useMemo(
    // Ids are made in order of time.
    () => Object.values(data.calls).sort((a, b) => (a.id < b.id ? 1 : -1)),
    [data.calls],
  )
  return { calls, begun: data.begun, known: data.known, status }
}

const NOBODY = () => () => {}
const IDLE: Shown<CallFeedState> = { data: emptyFeed(), status: 'closed' }

/** The events of one call from `after` on, while `enabled`. */
export function useLiveCall(
  id: string,
  { after = 0, enabled = true } = {},
): CallFeedState & { status: SocketStatus } {
  const { tenant } = useTenant()
  const watch = useCallback(
    (watcher: () => void) => (enabled ? callFeed(tenant.id, id, after).watch(watcher) : NOBODY()),
    [tenant.id, id, after, enabled],
  )
  const get = useCallback(
    () => (enabled ? callFeed(tenant.id, id, after).get() : IDLE),
    [tenant.id, id, after, enabled],
  )
  const { data, status } = useSyncExternalStore(watch, get)
  return useMemo(() => ({ ...data, status }), [data, status])
}
