/** All that is known of one call, by the API and, while it runs, by the live socket. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { $api } from '@/api/client'
import { type CallEvent, useLiveCall } from '@/api/live'
import { byCursor } from '@/api/pages'
import { asProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import type { Partial, Turn } from '@/components/call/types'

export type CallDetail = components['schemas']['CallDetail']

const POLL_MS = 5_000
const RECORDING_POLL_MS = 2_000
/** After so long a recording that is not there does not come any more. */
const RECORDING_LIMIT_MS = 120_000

/** The call by its id; throws the 404, which the app has a page for, for one that is not the tenant's. */
export function useCallDetail(id: string) {
  const query = $api.useQuery(
    'get',
    '/api/v1/calls/{id}',
    { params: { path: { id } } },
    { refetchInterval: ({ state }) => pollEvery(state.data) },
  )
  if (query.isError && asProblem(query.error).status === 404) throw query.error
  return query
}

/** The socket tells more and sooner; this is for when it cannot be reached. */
function pollEvery(call: CallDetail | undefined): number | false {
  if (!call) return false
  if (call.state !== 'ended') return POLL_MS
  return recordingComes(call, Date.now()) ? RECORDING_POLL_MS : false
}

export function recordingComes(call: CallDetail, now: number): boolean {
  if (call.recording || !call.answered_at || !call.ended_at) return false
  return now - Date.parse(call.ended_at) < RECORDING_LIMIT_MS
}

export interface CallStory {
  events: readonly CallEvent[]
  turns: readonly Turn[]
  partials: readonly Partial[]
  /** The call was running when the page was opened. */
  watched: boolean
  lost: boolean
  loading: boolean
  error: unknown
}

export function useCallStory(call: CallDetail): CallStory {
  const [watched] = useState(call.state !== 'ended')
  const live = useLiveCall(call.id, { enabled: watched })
  const stored = useStoredEvents(call.id, !watched)
  const events = watched ? live.events : stored.events
  const fresh = useMemo(
    () => live.events.flatMap(({ event }) => (event.type === 'turn' ? [event] : [])),
    [live.events],
  )
  useRefresh(call, events)
  const over = call.state === 'ended'
  return {
    events,
    turns: over || fresh.length < call.turns.length ? call.turns : fresh,
    partials: over
      ? []
      : (['caller', 'agent'] as const).map((speaker) => ({ speaker, text: live.partials[speaker] })),
    watched,
    lost: watched && !over && live.status === 'waiting',
    loading: stored.loading,
    error: stored.error,
  }
}

/** What changes the call itself is read again when its event comes. */
function useRefresh(call: CallDetail, events: readonly CallEvent[]) {
  const client = useQueryClient()
  const turning = events.filter(({ event }) =>
    [
      'ringing',
      'answered',
      'leg',
      'gateway_failed',
      'media',
      'control',
      'transfer',
      'ended',
      'recording',
    ].includes(event.type),
  ).length
  useEffect(() => {
    if (turning > 0)
      void client.invalidateQueries({
        queryKey: ['get', '/api/v1/calls/{id}', { params: { path: { id: call.id } } }],
      })
  }, [turning, client, call.id])
}

const PAGE = 1_000

function useStoredEvents(id: string, enabled: boolean) {
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/calls/{id}/events',
    { params: { path: { id }, query: { limit: PAGE } } },
    { ...byCursor, enabled, staleTime: Infinity },
  )
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const events = useMemo(
    // The body of an event is what the contract says; the document calls it any object.
    () => (query.data?.pages.flatMap((page) => page.results) ?? []) as unknown as CallEvent[],
    [query.data],
  )
  return { events, loading: enabled && query.isPending, error: query.error }
}
