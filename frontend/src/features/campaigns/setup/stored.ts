/** The draft as the server has it, with the tag that a change of it is checked against. */
import { api } from '@/api/client'
import type { CampaignChanges } from '../data'
import type { Campaign } from '../shared/types'

export interface Stored {
  campaign: Campaign
  etag: string
}

const storedOf = (data: unknown, response: Response): Stored => ({
  campaign: data as Campaign,
  etag: response.headers.get('ETag') ?? '',
})

export async function readDraft(id: string): Promise<Stored> {
  const { data, response } = await api.GET('/api/v1/campaigns/{id}', { params: { path: { id } } })
  return storedOf(data, response)
}

/** Throws a `Problem` of status 412 when the campaign has changed since `etag`. */
export async function storeDraft(id: string, body: CampaignChanges, etag: string): Promise<Stored> {
  const params = { path: { id }, header: { 'If-Match': etag } }
  const { data, response } = await api.PATCH('/api/v1/campaigns/{id}', { params, body: body as never })
  return storedOf(data, response)
}
