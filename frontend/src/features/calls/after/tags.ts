/** The tags that calls of this workspace have. */
import { $api } from '@/api/client'

export function useTags(): string[] {
  const tags = $api.useQuery('get', '/api/v1/calls/tags', {})
  return (tags.data?.results ?? []).map(({ name }) => name)
}
