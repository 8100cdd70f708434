/** What the pages of lines ask for. */
import { useQueryClient } from '@tanstack/react-query'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'

export type PhoneNumber = components['schemas']['Number']
export type Trunk = components['schemas']['Trunk']
export type Agent = components['schemas']['Agent']
export type Seller = components['schemas']['Seller']
export type Available = components['schemas']['NumberOffer']
export type Order = components['schemas']['Order']
export type Address = components['schemas']['Address']
export type Bundle = components['schemas']['Bundle']
export type Port = components['schemas']['Port']
export type Requirements = components['schemas']['Requirements']
export type NumberType = Available['type']

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

/** Carriers that numbers can be bought from; none: this installation sells no numbers. */
export const useSellers = () => $api.useQuery('get', '/api/v1/numbers/carriers', {}, { staleTime: 300_000 })

/** What the regulator of a country asks of who wants a number there. */
export function useRequirements(wish: { carrier: string; country: string; type: NumberType }) {
  return $api.useQuery('get', '/api/v1/numbers/requirements', { params: { query: wish } })
}

export const useAddresses = () => $api.useQuery('get', '/api/v1/numbers/addresses', MOST)

/** The carrier looks at them for days; one of the sandbox is approved at once. */
export const useBundles = () =>
  $api.useQuery('get', '/api/v1/numbers/bundles', MOST, { refetchInterval: 10_000 })

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
      '/api/v1/numbers/orders',
      '/api/v1/numbers/ports',
      '/api/v1/billing/wallet',
      '/api/v1/trunks',
      '/api/v1/trunks/{id}',
      '/api/v1/trunks/{id}/connection',
      '/api/v1/attention',
    ])
      void queries.invalidateQueries({ queryKey: ['get', path] })
  }
}
