/** What the pages of lines ask for. */
import { useQueryClient } from '@tanstack/react-query'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'

export type PhoneNumber = components['schemas']['Number']
export type Trunk = components['schemas']['Trunk']
export type Agent = components['schemas']['Agent']

/** How often what goes on is asked for, while the page is looked at. */
export const LIVE_MS = 4000

/** Choices hold at most one page of the API. */
const MOST = { params: { query: { limit: 200 } } } as const

export function useAgents() {
  const { may } = useTenant()
  return $api.useQuery('get', '/api/v1/agents', MOST, { enabled: may('agents.read') })
}

export function useTrunks() {
  const { may } = useTenant()
  return $api.useQuery('get', '/api/v1/trunks', MOST, { enabled: may('trunks.read') })
}

/** A trunk and what goes on at it, as it changes. */
export function useLiveTrunk(id: string) {
  return $api.useQuery(
    'get',
    '/api/v1/trunks/{id}',
    { params: { path: { id } } },
    { refetchInterval: LIVE_MS },
  )
}

/** Asks for numbers and trunks again wherever they are shown. */
export function useRefresh() {
  const queries = useQueryClient()
  return () => {
    for (const path of [
      '/api/v1/numbers',
      '/api/v1/trunks',
      '/api/v1/trunks/{id}',
      '/api/v1/trunks/{id}/connection',
      '/api/v1/attention',
    ])
      void queries.invalidateQueries({ queryKey: ['get', path] })
  }
}
