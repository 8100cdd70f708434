/** Campaigns and their imports, as the pages read and change them. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import dayjs from 'dayjs'
import { $api, api } from '@/api/client'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import type { Campaign, CampaignConfig, ColumnMapping, ContactImport, Hours, Preflight } from './shared/types'

export const CAMPAIGNS = '/api/v1/campaigns'
const IMPORTS = '/api/v1/imports'
const POLL_MS = 1_000

// The document of the API calls configurations and mappings any object: here they get their form.
export const asCampaign = (told: components['schemas']['Campaign'] | undefined) => told as unknown as Campaign
const asImport = (told: components['schemas']['Import'] | undefined) => told as unknown as ContactImport

/** The path of one campaign, as requests want it. */
export const at = (id: string) => ({ params: { path: { id } } })

export const useCampaigns = () => $api.useInfiniteQuery('get', CAMPAIGNS, { params: { query: {} } }, byCursor)

export const campaignKey = (id: string) => ['get', `${CAMPAIGNS}/{id}`, at(id)]

export const useCampaign = (id: string) =>
  useQuery({
    queryKey: campaignKey(id),
    queryFn: async ({ signal }) =>
      asCampaign((await api.GET('/api/v1/campaigns/{id}', { ...at(id), signal })).data),
  })

export const createCampaign = async (body: { name: string; agent: string }) =>
  asCampaign((await api.POST(CAMPAIGNS, { body })).data)

export interface CampaignChanges {
  name?: string
  agent?: string
  config?: Partial<CampaignConfig>
}

/** `etag`: a `Problem` of status 412 is thrown when the campaign has changed since; empty: whatever there is. */
export async function changeCampaign(id: string, body: CampaignChanges, etag = '') {
  const params = { path: { id }, header: etag ? { 'If-Match': etag } : {} }
  return asCampaign((await api.PATCH('/api/v1/campaigns/{id}', { params, body })).data)
}

export const startCampaign = async (id: string) =>
  asCampaign((await api.POST('/api/v1/campaigns/{id}/start', at(id))).data)

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
    queryFn: async ({ signal }) => {
      // The days that come, not those of this week that are over.
      const body = { week: dayjs().format('YYYY-MM-DD'), ...(hours ? { config: { hours } } : {}) }
      const told = await api.POST('/api/v1/campaigns/{id}/preflight', { ...at(id), body, signal })
      return told.data as unknown as Preflight
    },
    placeholderData: keepPreviousData,
  })
}

export const usePresets = () =>
  $api.useQuery(
    'get',
    '/api/v1/campaigns/presets',
    {},
    { staleTime: Infinity, select: ({ results }) => results },
  )

const importsKey = (campaign: string) => ['get', IMPORTS, campaign]
const BUSY = ['reading', 'committing']

/** Files that were brought for a campaign, newest first; read again while one is being worked on. */
export function useImports(campaign: string) {
  return useQuery({
    queryKey: importsKey(campaign),
    queryFn: async ({ signal }) => {
      const { data } = await api.GET(IMPORTS, { params: { query: { campaign } }, signal })
      return data!.results.map(asImport)
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

export interface MapWish {
  id: string
  mapping: ColumnMapping
  encoding?: string
  delimiter?: string
}

export const mapImport = async ({ id, ...body }: MapWish) =>
  asImport((await api.POST('/api/v1/imports/{id}/map', { ...at(id), body })).data)

export const commitImport = async (id: string) =>
  asImport((await api.POST('/api/v1/imports/{id}/commit', at(id))).data)

export const cancelImport = async (id: string) =>
  asImport((await api.POST('/api/v1/imports/{id}/cancel', at(id))).data)

export const useMapImport = (campaign: string) => useImportStep(campaign, mapImport)

export const useCommitImport = (campaign: string) => useImportStep(campaign, commitImport)

export const useCancelImport = (campaign: string) => useImportStep(campaign, cancelImport)
