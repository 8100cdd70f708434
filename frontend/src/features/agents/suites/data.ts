/** What the tests' pages read and write. */
import { useQueryClient } from '@tanstack/react-query'
import { $api, api } from '@/api/client'
import type { Case, Suite, SuiteForm } from './types'

const POLL_MS = 1_000

export function useSuites(agent: string) {
  return $api.useQuery('get', '/api/v1/agents/{id}/suites', {
    params: { path: { id: agent }, query: { limit: 200 } },
  })
}

export interface ReadSuite {
  suite: Suite
  etag: string
}

const read = ({ data, response }: { data?: unknown; response: Response }): ReadSuite => ({
  suite: data as Suite,
  etag: response.headers.get('ETag') ?? '',
})

export const readSuite = async (id: string) =>
  read(await api.GET('/api/v1/suites/{id}', { params: { path: { id } } }))

/** Throws a `Problem` of status 412 when somebody else has saved since `etag`. */
export async function saveSuite(
  id: string,
  etag: string,
  { name, gate, cases }: SuiteForm,
): Promise<ReadSuite> {
  return read(
    await api.PATCH('/api/v1/suites/{id}', {
      params: { path: { id }, header: etag ? { 'If-Match': etag } : {} },
      body: { name: name.trim(), gate, cases: cases as unknown as Record<string, unknown>[] },
    }),
  )
}

export const formOf = ({ suite }: ReadSuite): SuiteForm => ({
  name: suite.name,
  gate: suite.gate,
  cases: structuredClone(suite.cases) as Case[],
})

/** The run with its results, looked at again and again while it goes on. */
export function useRun(id: string | null) {
  return $api.useQuery(
    'get',
    '/api/v1/suite-runs/{id}',
    { params: { path: { id: id ?? '' } } },
    {
      enabled: id !== null,
      refetchInterval: ({ state }) => (state.data?.state === 'running' ? POLL_MS : false),
    },
  )
}

export function useRuns(suite: string, watched: boolean) {
  return $api.useQuery(
    'get',
    '/api/v1/suites/{id}/runs',
    { params: { path: { id: suite }, query: { limit: 50 } } },
    {
      enabled: watched,
      refetchInterval: ({ state }) =>
        state.data?.results.some((run) => run.state === 'running') ? 2 * POLL_MS : false,
    },
  )
}

/** Reads the lists of suites and runs again. */
export function useSuitesAgain() {
  const queries = useQueryClient()
  return () => {
    for (const path of ['/api/v1/agents/{id}/suites', '/api/v1/suites/{id}/runs'])
      void queries.invalidateQueries({ queryKey: ['get', path] })
  }
}
