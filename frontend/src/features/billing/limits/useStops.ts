import { $api } from '@/api/client'

/** Each time that calls out were stopped, the newest first. */
export const useStops = () =>
  $api.useQuery(
    'get',
    '/api/v1/billing/stops',
    { params: { query: { limit: 50 } } },
    { refetchInterval: 15_000 },
  )
