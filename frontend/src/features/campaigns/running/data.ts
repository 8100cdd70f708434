/** A campaign that runs: its progress, its minutes, its contacts, and what is done to it. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { $api, api } from '@/api/client'
import { useLiveCampaign } from '@/api/liveCampaign'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import { ask, CAMPAIGNS, campaignKey, type Pages } from '../data'
import type { Campaign } from '../shared/types'
import type { Contact, ContactFilter, NewContact } from './contacts'

export type Told = components['schemas']['Progress']
export type Minute = components['schemas']['Minute']

/** While the socket does not tell: as often as people look. */
const POLL_MS = 3_000
/** Every minute has one bar; the one that runs grows. */
const MINUTES_MS = 15_000

const at = (id: string) => ({ params: { path: { id } } })

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

export const order = (id: string, what: Order, body?: object) =>
  ask<Campaign>('POST', `${CAMPAIGNS}/{id}/${what}`, { ...at(id), body })

export const cloneCampaign = (id: string, body: { name: string; with_contacts: boolean }) =>
  ask<Campaign>('POST', `${CAMPAIGNS}/{id}/clone`, { ...at(id), body })

export const archiveCampaign = (id: string) => ask<undefined>('DELETE', `${CAMPAIGNS}/{id}`, at(id))

/** The campaign as it is stored, with the tag that a change of it is checked against. */
export async function readTagged(id: string): Promise<{ campaign: Campaign; etag: string }> {
  const { data, response } = await api.GET('/api/v1/campaigns/{id}', at(id))
  return { campaign: data as unknown as Campaign, etag: response.headers.get('ETag') ?? '' }
}

const contactsPath = `${CAMPAIGNS}/{id}/contacts`

export function useContacts(id: string, filter: ContactFilter) {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value))
  return useInfiniteQuery({
    queryKey: ['get', contactsPath, id, given],
    queryFn: ({ pageParam, signal }) =>
      ask<Pages<Contact>>('GET', contactsPath, {
        params: { path: { id }, query: { ...given, ...(pageParam ? { cursor: pageParam } : {}) } },
        signal,
      }),
    ...byCursor,
  })
}

/** Has contacts and figures read again. */
export function useContactsChanged(id: string) {
  const queries = useQueryClient()
  return () => {
    void queries.invalidateQueries({ queryKey: ['get', contactsPath, id] })
    void queries.invalidateQueries({ queryKey: campaignKey(id) })
    void queries.invalidateQueries({ queryKey: ['get', '/api/v1/campaigns/{id}/progress'] })
  }
}

type Added = { id: string; e164: string; duplicate: boolean } | { refused: string; detail: string }

/** What came of one contact that was given. */
export async function addContact(id: string, contact: NewContact): Promise<Added> {
  const body = { contacts: [contact] }
  const { results } = await ask<{ results: Added[] }>('POST', contactsPath, { ...at(id), body })
  return results[0]!
}

export const removeContact = (campaign: string, contact: string) =>
  ask<undefined>('DELETE', `${CAMPAIGNS}/{id}/contacts/{contact}`, {
    params: { path: { id: campaign, contact } },
  })

export const useAttempts = (id: string, contact: string) =>
  $api.useQuery('get', '/api/v1/campaigns/{id}/attempts', {
    params: { path: { id }, query: { contact } },
  })
