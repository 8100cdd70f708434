/** What the pages of webhooks ask for. */
import { useQueryClient } from '@tanstack/react-query'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'

export type Endpoint = components['schemas']['Endpoint']
export type Delivery = components['schemas']['Delivery']
export type DeliveryDetail = components['schemas']['DeliveryDetail']
export type Attempt = DeliveryDetail['tries'][number]
export type EventType = components['schemas']['EventType']
export type CallHook = components['schemas']['CallHook']
export type Moment = CallHook['moment']

/** How often what goes on is asked for, while the page is looked at. */
export const LIVE_MS = 4000

export function useEventTypes() {
  return $api.useQuery('get', '/api/v1/webhooks/event-types', {}, { staleTime: Infinity })
}

/** Asks for everything of webhooks again wherever it is shown, except what is being edited. */
export function useWebhooksChanged() {
  const queries = useQueryClient()
  return () =>
    queries.invalidateQueries({
      predicate: ({ queryKey: [, path] }) =>
        typeof path === 'string' &&
        (path.startsWith('/api/v1/webhooks') || path.startsWith('/api/v1/call-hooks')) &&
        path !== '/api/v1/webhooks/event-types',
    })
}
