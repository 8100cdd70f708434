import { $api } from '@/api/client'

/** The configuration that callees of the agent hear: its published version's; undefined: not read, or none. */
export function useAgentConfig(agent: string) {
  const { data } = $api.useQuery('get', '/api/v1/agents/{id}', { params: { path: { id: agent } } })
  const number = data?.published_version?.number
  const version = $api.useQuery(
    'get',
    '/api/v1/agents/{id}/versions/{number}',
    { params: { path: { id: agent, number: number ?? 0 } } },
    { enabled: number !== undefined },
  )
  return version.data?.config
}
