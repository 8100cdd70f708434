import { useQueryClient } from '@tanstack/react-query'

/** Loads the list of keys again after a change. */
export function useKeysChanged() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['get', '/api/v1/api-keys'] })
}
