/** Reruns of an agent: estimated, started, watched, stopped. */
import { useQueryClient } from '@tanstack/react-query'
import dayjs from 'dayjs'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import { failed } from '@/components/forms'

export type Rerun = components['schemas']['Rerun']

const LIST = '/api/v1/agents/{id}/analysis/reruns'
const POLL_MS = 1_500

export function useReruns(agent: string) {
  return $api.useQuery(
    'get',
    LIST,
    { params: { path: { id: agent }, query: { limit: 10 } } },
    {
      refetchInterval: ({ state }) =>
        state.data?.results.some((rerun) => rerun.state === 'running') ? POLL_MS : false,
    },
  )
}

function useRefresh() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['get', LIST] })
}

export function useEstimate() {
  const refresh = useRefresh()
  return $api.useMutation('post', LIST, { onSuccess: refresh })
}

export function useStep(step: 'start' | 'cancel', onDone: () => void) {
  const refresh = useRefresh()
  return $api.useMutation('post', `/api/v1/analysis/reruns/{id}/${step}`, {
    onSuccess: onDone,
    onError: failed,
    onSettled: refresh,
  })
}

/** Days of the reader's clock, both included, as the API takes a span. */
export function spanOf(since: string | null, until: string | null) {
  return {
    since: since ? dayjs(since).startOf('day').toISOString() : null,
    until: until ? dayjs(until).startOf('day').add(1, 'day').toISOString() : null,
  }
}

/** How much is over, 0 to 100. */
export function progressOf({ calls, done, failed: bad }: Pick<Rerun, 'calls' | 'done' | 'failed'>): number {
  return calls === 0 ? 100 : Math.min(100, (100 * (done + bad)) / calls)
}
