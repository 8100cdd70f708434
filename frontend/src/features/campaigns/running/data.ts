/** A campaign that runs: its progress, its minutes, its contacts, and what is done to it. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { $api, api } from '@/api/client'
import { useLiveCampaign } from '@/api/liveCampaign'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import { asCampaign, at, CAMPAIGNS, campaignKey } from '../data'
import type { Campaign } from '../shared/types'
import type { ContactFilter, NewContact } from './contacts'

export type Told = components['schemas']['Progress']
export type Minute = components['schemas']['Minute']

/** While the socket does not tell: as often as people look. */
const POLL_MS = 3_000
/** Every minute has one bar; the one that runs grows. */
const MINUTES_MS = 15_000

/** How far the campaign is: from the socket, and by asking while that is not open. `live`: it is open. */
export function useProgress(id: string) {
  const queries = useQueryClient()
  const { data, status } = useLiveCampaign<Told>(id)
  const live = status === 'open'
  const asked = $api.useQuery('get', '/api/v1/campaigns/{id}/progress', at(id), {
    refetchInterval: live ? false : POLL_MS,
  })
  const { changes } = data
  useEffect(() => {
    // The state, why it paused, and the list of campaigns.
    if (changes > 0) void queries.invalidateQueries({ queryKey: ['get', CAMPAIGNS] })
    if (changes > 0) void queries.invalidateQueries({ queryKey: campaignKey(id) })
    if (changes > 0) void queries.invalidateQueries({ queryKey: ['get', '/api/v1/campaigns/{id}/minutes'] })
  }, [queries, id, changes])
  return { query: asked, progress: newer(data.progress, asked.data), live }
}

/** The one of both that was told later. */
export function newer(pushed: Told | null, asked: Told | undefined): Told | undefined {
  if (!pushed) return asked
  return asked && Date.parse(asked.at) > Date.parse(pushed.at) ? asked : pushed
}

export const useMinutes = (id: string, running: boolean) =>
  $api.useQuery('get', '/api/v1/campaigns/{id}/minutes', at(id), {
    refetchInterval: running ? MINUTES_MS : false,
  })

export type Order = 'start' | 'pause' | 'resume' | 'stop'

export const order = async (id: string, what: Exclude<Order, 'stop'>) =>
  asCampaign((await api.POST(`/api/v1/campaigns/{id}/${what}`, at(id))).data)

/** `running_calls`: what becomes of those that ring or talk. */
export const stopCampaign = async (id: string, running_calls: 'finish' | 'hang_up') =>
  asCampaign((await api.POST('/api/v1/campaigns/{id}/stop', { ...at(id), body: { running_calls } })).data)

export const cloneCampaign = async (id: string, body: { name: string; with_contacts: boolean }) =>
  asCampaign((await api.POST('/api/v1/campaigns/{id}/clone', { ...at(id), body })).data)

export const archiveCampaign = (id: string) => api.DELETE('/api/v1/campaigns/{id}', at(id))

/** The campaign as it is stored, with the tag that a change of it is checked against. */
export async function readTagged(id: string): Promise<{ campaign: Campaign; etag: string }> {
  const { data, response } = await api.GET('/api/v1/campaigns/{id}', at(id))
  return { campaign: asCampaign(data), etag: response.headers.get('ETag') ?? '' }
}

export function useContacts(id: string, { q, state, outcome, set_aside }: ContactFilter) {
  const query = {
    ...(q ? { q } : {}),
    ...(state ? { state: [state] } : {}),
    ...(outcome ? { outcome: [outcome] } : {}),
    ...(set_aside ? { set_aside: [set_aside] } : {}),
  }
  return $api.useInfiniteQuery(
    'get',
    '/api/v1/campaigns/{id}/contacts',
    { params: { path: { id }, query } },
    byCursor,
  )
}

/** Has contacts and figures read again. */
export function useContactsChanged(id: string) {
  const queries = useQueryClient()
  return () => {
    void queries.invalidateQueries({ queryKey: ['get', '/api/v1/campaigns/{id}/contacts'] })
    void queries.invalidateQueries({ queryKey: campaignKey(id) })
    void queries.invalidateQueries({ queryKey: ['get', '/api/v1/campaigns/{id}/progress'] })
  }
}

/** What came of one contact that was given. */
export async function addContact(id: string, contact: NewContact) {
  const { data } = await api.POST('/api/v1/campaigns/{id}/contacts', {
    ...at(id),
    body: { contacts: [contact] },
  })
  return data!.results[0]!
}

export const removeContact = (campaign: string, contact: string) =>
  api.DELETE('/api/v1/campaigns/{id}/contacts/{contact}', { params: { path: { id: campaign, contact } } })

export const useAttempts = (id: string, contact: string) =>
  $api.useQuery('get', '/api/v1/campaigns/{id}/attempts', {
    params: { path: { id }, query: { contact } },
  })
