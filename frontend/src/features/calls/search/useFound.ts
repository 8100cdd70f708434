/** Pages of turns that have the words. */
import { useEffect, useMemo, useState } from 'react'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import { type Question, toQuery } from './question'

export type Hit = components['schemas']['Hit']

const PAGE = 50

export function useFound(question: Question) {
  // The time of the first look, as in the list of calls.
  const [now] = useState(() => new Date())
  const asked = question.q !== ''
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/calls/search',
    { params: { query: { ...toQuery(question, now), limit: PAGE } } },
    { ...byCursor, enabled: asked },
  )
  const hits = useMemo<Hit[]>(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data])
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  // A page looks through so many calls: the first ones may hold nothing.
  const further = hits.length === 0 && hasNextPage
  useEffect(() => {
    if (further && !isFetchingNextPage) void fetchNextPage()
  }, [further, isFetchingNextPage, fetchNextPage])
  return { hits, query, asked, searching: asked && (query.isPending || further) }
}

export type Found = ReturnType<typeof useFound>
