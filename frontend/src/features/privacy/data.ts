/** What the pages of privacy ask for. */
import { useQueryClient } from '@tanstack/react-query'
import type { components } from '@/api/schema'

export type Retention = components['schemas']['Retention']
export type Hold = components['schemas']['LegalHold']
export type Purge = components['schemas']['Purge']
export type PersonRequest = components['schemas']['PersonRequest']

/** Kinds of data that are kept for different times, the heaviest first. */
export const KINDS = [
  'recordings',
  'captures',
  'transcripts',
  'calls',
  'contacts',
  'messages',
  'deliveries',
] as const
export type Kind = (typeof KINDS)[number]

export const LONGEST_DAYS = 3650

/** How often what goes on is asked for, while the page is looked at. */
export const LIVE_MS = 4000

/** Asks for everything of privacy again wherever it is shown. */
export function usePrivacyChanged() {
  const queries = useQueryClient()
  return () =>
    queries.invalidateQueries({
      predicate: ({ queryKey: [, path] }) => typeof path === 'string' && path.startsWith('/api/v1/privacy'),
    })
}
