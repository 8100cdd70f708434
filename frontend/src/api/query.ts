/** How queries are kept: what was refused for good is not asked again. */
import { QueryClient } from '@tanstack/react-query'
import { asProblem } from './problem'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => {
        const { status } = asProblem(error)
        return failures < 2 && (status === 0 || status >= 500)
      },
      // Otherwise a query waits forever for a connection that the browser believes is gone.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})

/** Drops what was read for a tenant, before another one's pages are shown: their keys name no tenant. */
export function forgetTenant(): void {
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[1] !== '/api/v1/me' })
}
