/** What the editor reads and writes: the agent with its entity tag, so that nobody overwrites unseen. */
import { queryOptions } from '@tanstack/react-query'
import { api } from '@/api/client'
import type { components } from '@/api/schema'
import type { AgentConfig } from '../config/types'

export type Agent = components['schemas']['Agent']

export interface Read {
  agent: Agent
  etag: string
}

export const configOf = (agent: Pick<Agent, 'config'>) => agent.config as unknown as AgentConfig

const read = ({ data, response }: { data?: Agent; response: Response }): Read => ({
  agent: data!,
  etag: response.headers.get('ETag') ?? '',
})

export const agentQuery = (tenant: string, id: string) =>
  queryOptions({
    queryKey: ['agent', tenant, id],
    queryFn: async () => read(await api.GET('/api/v1/agents/{id}', { params: { path: { id } } })),
    // What is being edited must not change under the hands.
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })

const ifMatch = (etag: string) => (etag ? { 'If-Match': etag } : {})

/** Throws a `Problem` of status 412 when somebody else has saved since `etag`; an empty one overwrites. */
export async function saveDraft(id: string, etag: string, name: string, config: AgentConfig): Promise<Read> {
  return read(
    await api.PATCH('/api/v1/agents/{id}', {
      params: { path: { id }, header: ifMatch(etag) },
      body: { name, config: config as unknown as Record<string, unknown> },
    }),
  )
}

/** What publishing gave: the number of the version, or, where test suites guard it, what waits for them. */
export type Publishing = { number: number } | { publication: string }

export interface PublishWish {
  note: string
  /** For owners: the tests are passed over. */
  skip_suites: boolean
}

export async function publishDraft(id: string, etag: string, body: PublishWish): Promise<Publishing> {
  const { data } = await api.POST('/api/v1/agents/{id}/publish', {
    params: { path: { id }, header: ifMatch(etag) },
    body,
  })
  return 'number' in data! ? { number: data.number } : { publication: data!.id }
}

export async function readAgent(id: string): Promise<Read> {
  return read(await api.GET('/api/v1/agents/{id}', { params: { path: { id } } }))
}
