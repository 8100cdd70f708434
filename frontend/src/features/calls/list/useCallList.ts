/** The pages of the list that are loaded, kept true by the live socket. */
import { type InfiniteData, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { $api, api } from '@/api/client'
import { type CallItem, useLiveCalls } from '@/api/live'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import { type Filters, toQuery } from '../filters'

type CallPage = components['schemas']['PaginatedCallList']

const PAGE = 100

export function useCallList(filters: Filters) {
  // The time of the first look: "the last 7 days" must not become another question with every rendering.
  const [now] = useState(() => new Date())
  const question = useMemo(
    () => ({ params: { query: { ...toQuery(filters, now), limit: PAGE } } }),
    [filters, now],
  )
  const query = $api.useInfiniteQuery('get', '/api/v1/calls', question, {
    ...byCursor,
    // Thousands of loaded rows are not asked for again: the socket tells what has changed.
    staleTime: Infinity,
    refetchOnMount: 'always',
    refetchOnWindowFocus: false,
  })
  const loaded = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data])
  const { queryKey } = $api.queryOptions('get', '/api/v1/calls', question)
  const live = useLiveCalls()
  useEndedCalls(live.calls, loaded, queryKey)
  const states = useMemo(() => new Map(live.calls.map((call) => [call.id, call.state])), [live.calls])
  const calls = useMemo(
    () =>
      loaded.map((call) => {
        const state = states.get(call.id)
        return state && state !== call.state && call.state !== 'ended' ? { ...call, state } : call
      }),
    [loaded, states],
  )
  return { calls, query, live, loaded }
}

export type CallList = ReturnType<typeof useCallList>

/** Reads a listed call once more when it has ended: how, and how long it was. */
function useEndedCalls(
  live: ReturnType<typeof useLiveCalls>['calls'],
  loaded: readonly CallItem[],
  queryKey: readonly unknown[],
) {
  const client = useQueryClient()
  const open = new Set(loaded.filter(({ state }) => state !== 'ended').map(({ id }) => id))
  const ended = live
    .filter(({ id, state }) => state === 'ended' && open.has(id))
    .map(({ id }) => id)
    .join(' ')
  useEffect(() => {
    for (const id of ended.split(' ').filter(Boolean))
      void api.GET('/api/v1/calls/{id}', { params: { path: { id } } }).then(({ data }) => {
        if (data)
          client.setQueriesData<InfiniteData<CallPage>>({ queryKey }, (pages) => replaced(pages, data))
      }, ignore)
    // The key's content, not its identity, decides.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ended, client])
}

/** A row that stays old until the next look is no reason to bother anybody. */
const ignore = () => {}

function replaced(data: InfiniteData<CallPage> | undefined, call: CallItem) {
  if (!data?.pages) return data
  const pages = data.pages.map((page) => ({
    ...page,
    results: page.results.map((row) => (row.id === call.id ? call : row)),
  }))
  return { ...data, pages }
}
