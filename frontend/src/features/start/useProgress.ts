import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { Facts } from './progress'

const answered = (calls: { answered_at: string | null }[] | undefined) =>
  calls?.some((call) => call.answered_at !== null) ?? false

/** What the steps are derived from. The agent is the newest one. */
export function useProgress() {
  const agents = $api.useQuery('get', '/api/v1/agents', { params: { query: { limit: 1 } } })
  const numbers = $api.useQuery('get', '/api/v1/numbers', { params: { query: { limit: 200 } } })
  const talks = $api.useQuery('get', '/api/v1/calls', {
    params: { query: { direction: 'browser', limit: 20 } },
  })
  const outbound = $api.useQuery('get', '/api/v1/calls', {
    params: { query: { direction: 'outbound', limit: 20 } },
  })
  const inbound = $api.useQuery('get', '/api/v1/calls', {
    params: { query: { direction: 'inbound', limit: 20 } },
  })
  const queries = useQueryClient()
  const refresh = useCallback(
    () =>
      Promise.all(
        ['/api/v1/agents', '/api/v1/numbers', '/api/v1/calls', '/api/v1/attention'].map((path) =>
          queries.invalidateQueries({ queryKey: ['get', path] }),
        ),
      ),
    [queries],
  )
  const all = [agents, numbers, talks, outbound, inbound]
  const failed = all.find((query) => query.isError)
  const facts: Facts | null = all.some((query) => query.data === undefined)
    ? null
    : {
        agent: agents.data!.results[0] ?? null,
        numbers: numbers.data!.results,
        talked: answered(talks.data!.results),
        called: answered(outbound.data!.results) || answered(inbound.data!.results),
      }
  return { facts, refresh, problem: facts === null && failed ? asProblem(failed.error) : null }
}
