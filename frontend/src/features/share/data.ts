/** What a link shows. */
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import type { Result } from '@/components/analysis/types'

export type Shared = components['schemas']['SharedCall']

export function useShared(token: string) {
  // Each reading counts as one opening: it is not read again because a window came to the front.
  return $api.useQuery(
    'get',
    '/api/v1/share/{token}',
    { params: { path: { token } } },
    { staleTime: Infinity, refetchOnWindowFocus: false, refetchOnReconnect: false },
  )
}

type Known = Pick<Result, 'fields' | 'values' | 'summary' | 'outcome' | 'success' | 'topics'>

/** What is known of the call, where the link shows it; the document calls it any object. */
export const analysisOf = ({ analysis }: Shared) => analysis as unknown as Known | null
