/** The analysis of a call, read again while it is on its way. */
import { useQueryClient } from '@tanstack/react-query'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { failed } from '@/components/forms'

export type Analysis = components['schemas']['Analysis']

const PATH = '/api/v1/calls/{id}/analysis'
const POLL_MS = 2_000

export function useAnalysis(id: string) {
  const query = $api.useQuery(
    'get',
    PATH,
    { params: { path: { id } } },
    { refetchInterval: ({ state }) => (state.data?.state === 'waiting' ? POLL_MS : false) },
  )
  // A call of a time before calls were analyzed has none.
  const none = query.isError && asProblem(query.error).status === 404
  return { query, analysis: query.data, none }
}

export function useAnalyze(id: string) {
  const client = useQueryClient()
  return $api.useMutation('post', PATH, {
    onSuccess: (analysis) =>
      client.setQueryData($api.queryOptions('get', PATH, { params: { path: { id } } }).queryKey, analysis),
    onError: failed,
  })
}
