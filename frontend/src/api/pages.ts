/** How lists go on: `$api.useInfiniteQuery('get', path, init, byCursor)`. */

interface Listed {
  next_cursor?: string | null
}

export const byCursor = {
  pageParamName: 'cursor',
  // Empty is the first page; undefined would be sent as 0.
  initialPageParam: '',
  getNextPageParam: (page: Listed) => page.next_cursor ?? undefined,
} as const
