/**
 * Live data of the tenant's calls: `useLiveCalls()` for all that run, `useLiveCall(id)` for the events of
 * one. Both share the connection among whoever asks for the same, and close it when nobody does any more.
 */
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { LiveMessage } from './events'
import { type Feed, feed, type Shown, socketUrl } from './feed'
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
import type { SocketStatus } from './socket'

export type { CallEvent, CallItem, EventBody } from './events'
export type { LiveCall } from './liveState'

const tenantFeeds = new Map<string, Feed<TenantState, LiveMessage>>()
const callFeeds = new Map<string, Feed<CallFeedState, LiveMessage>>()

function tenantFeed(tenant: string): Feed<TenantState, LiveMessage> {
  return feed(tenantFeeds, tenant, {
    url: socketUrl('calls', tenant),
    initial: nothingKnown,
    hello: () => ({ type: 'subscribe' }),
    reduce: (state, message) => onTenantMessage(state, message, Date.now()),
    age: (state) => sweep(state, Date.now()),
  })
}

function callFeed(tenant: string, call: string, after: number): Feed<CallFeedState, LiveMessage> {
  return feed(callFeeds, `${tenant} ${call}`, {
    url: socketUrl('calls', tenant),
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
