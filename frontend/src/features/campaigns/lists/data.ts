import { useQueryClient } from '@tanstack/react-query'

/** Has every list that is shown read again. */
export function useListChanged() {
  const queries = useQueryClient()
  return () => void queries.invalidateQueries({ queryKey: ['get', '/api/v1/do-not-call'] })
}
