/** Campaigns and their imports, as the pages read and change them. */
import {
  keepPreviousData,
  useMutation,
  useQuery,
  useQueryClient,
  useInfiniteQuery,
} from '@tanstack/react-query'
import { api } from '@/api/client'
import { byCursor } from '@/api/pages'
import type {
  Campaign,
  CampaignConfig,
  CampaignItem,
  ColumnMapping,
  ContactImport,
  Hours,
  Preflight,
  Preset,
} from './shared/types'

export const CAMPAIGNS = '/api/v1/campaigns'
const IMPORTS = '/api/v1/imports'
const POLL_MS = 1_000

export interface Pages<T> {
  results: T[]
  next_cursor?: string | null
}

type Ask = (path: string, init?: object) => Promise<{ data?: unknown }>

// The document of the API calls configurations and mappings any object; here they have their form.
const loose = api as unknown as Record<'GET' | 'POST' | 'PATCH' | 'DELETE', Ask>

export async function ask<T>(method: keyof typeof loose, path: string, init?: object): Promise<T> {
  return (await loose[method](path, init)).data as T
}

export function useCampaigns() {
  return useInfiniteQuery({
    queryKey: ['get', CAMPAIGNS],
    queryFn: ({ pageParam, signal }) =>
      ask<Pages<CampaignItem>>('GET', CAMPAIGNS, {
        params: { query: pageParam ? { cursor: pageParam } : {} },
        signal,
      }),
    ...byCursor,
  })
}

export const campaignKey = (id: string) => ['get', `${CAMPAIGNS}/{id}`, { params: { path: { id } } }]

export function useCampaign(id: string) {
  return useQuery({
    queryKey: campaignKey(id),
    queryFn: ({ signal }) => ask<Campaign>('GET', `${CAMPAIGNS}/{id}`, { params: { path: { id } }, signal }),
  })
}

export const createCampaign = (body: { name: string; agent: string }) =>
  ask<Campaign>('POST', CAMPAIGNS, { body })

export interface CampaignChanges {
  name?: string
  agent?: string
  config?: Partial<CampaignConfig>
}

/** `etag`: a `Problem` of status 412 is thrown when the campaign has changed since; empty: whatever there is. */
export const changeCampaign = (id: string, body: CampaignChanges, etag = '') =>
  ask<Campaign>('PATCH', `${CAMPAIGNS}/{id}`, {
    params: { path: { id }, header: etag ? { 'If-Match': etag } : {} },
    body,
  })

export const startCampaign = (id: string) =>
  ask<Campaign>('POST', `${CAMPAIGNS}/{id}/start`, { params: { path: { id } } })

/** Puts what the server answered in place of what was read before, and has the lists read again. */
export function useAccept() {
  const queries = useQueryClient()
  return (campaign: Campaign) => {
    queries.setQueryData(campaignKey(campaign.id), campaign)
    void queries.invalidateQueries({ queryKey: ['get', CAMPAIGNS] })
    void queries.invalidateQueries({ queryKey: ['preflight', campaign.id] })
  }
}

/** What would happen with these hours (or all as it is stored); the last answer stands until the next. */
export function usePreflight(id: string, hours?: Hours) {
  return useQuery({
    queryKey: ['preflight', id, hours],
    queryFn: ({ signal }) =>
      ask<Preflight>('POST', `${CAMPAIGNS}/{id}/preflight`, {
        params: { path: { id } },
        body: hours ? { config: { hours } } : {},
        signal,
      }),
    placeholderData: keepPreviousData,
  })
}

export function usePresets() {
  return useQuery({
    queryKey: ['get', `${CAMPAIGNS}/presets`],
    queryFn: async ({ signal }) => {
      const found = await ask<{ results: Preset[] }>('GET', `${CAMPAIGNS}/presets`, { signal })
      return found.results
    },
    staleTime: Infinity,
  })
}

const importsKey = (campaign: string) => ['get', IMPORTS, campaign]
const BUSY = ['reading', 'committing']

/** Files that were brought for a campaign, newest first; read again while one is being worked on. */
export function useImports(campaign: string) {
  return useQuery({
    queryKey: importsKey(campaign),
    queryFn: async ({ signal }) => {
      const found = await ask<Pages<ContactImport>>('GET', IMPORTS, {
        params: { query: { campaign } },
        signal,
      })
      return found.results
    },
    refetchInterval: ({ state }) => (state.data?.some((one) => BUSY.includes(one.state)) ? POLL_MS : false),
  })
}

/** Something done to an import; its answer stands in the list at once. */
function useImportStep<T>(campaign: string, step: (wish: T) => Promise<ContactImport>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: step,
    onSuccess: (changed) => {
      queries.setQueryData<ContactImport[]>(importsKey(campaign), (all = []) =>
        all.map((one) => (one.id === changed.id ? changed : one)),
      )
    },
    onSettled: () => queries.invalidateQueries({ queryKey: importsKey(campaign) }),
  })
}

interface MapWish {
  id: string
  mapping: ColumnMapping
  encoding?: string
  delimiter?: string
}

export const useMapImport = (campaign: string) =>
  useImportStep(campaign, ({ id, ...body }: MapWish) =>
    ask<ContactImport>('POST', `${IMPORTS}/{id}/map`, { params: { path: { id } }, body }),
  )

export const useCommitImport = (campaign: string) =>
  useImportStep(campaign, (id: string) =>
    ask<ContactImport>('POST', `${IMPORTS}/{id}/commit`, { params: { path: { id } } }),
  )

export const useCancelImport = (campaign: string) =>
  useImportStep(campaign, (id: string) =>
    ask<ContactImport>('POST', `${IMPORTS}/{id}/cancel`, { params: { path: { id } } }),
  )
