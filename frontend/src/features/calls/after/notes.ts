/** Notes of a call: read, added, changed, deleted. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import { failed } from '@/components/forms'

export type Note = components['schemas']['Note']

const LIST = '/api/v1/calls/{id}/notes'
const ONE = '/api/v1/calls/{id}/notes/{note}'

export function useNotes(id: string) {
  const query = $api.useInfiniteQuery(
    'get',
    LIST,
    { params: { path: { id }, query: { limit: 200 } } },
    byCursor,
  )
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const notes = useMemo<Note[]>(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data])
  return { query, notes }
}

/** Faults of adding and changing are shown where the text stands; what was typed stays. */
export function useNoteActions() {
  const client = useQueryClient()
  const onSettled = () => client.invalidateQueries({ queryKey: ['get', LIST] })
  const add = $api.useMutation('post', LIST, { onSuccess: onSettled })
  const change = $api.useMutation('patch', ONE, { onSuccess: onSettled })
  const remove = $api.useMutation('delete', ONE, { onSettled, onError: failed })
  return { add, change, remove }
}
