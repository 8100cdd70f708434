import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

/**
 * What a form edits: read again as it changes, but not under the hands of somebody who has begun to type.
 * Give the form a key of its own for each state (`etag`), and call `touch` with its first change.
 */
export function useEdited<T>(queryKey: readonly unknown[], read: () => Promise<T>) {
  const queries = useQueryClient()
  const [touched, setTouched] = useState(false)
  const query = useQuery({ queryKey, queryFn: read, enabled: !touched, gcTime: 0 })
  return {
    query,
    touch: () => setTouched(true),
    saved: (state: T) => {
      queries.setQueryData(queryKey, state)
      setTouched(false)
    },
    /** What others saved takes the place of what was typed. */
    reload: () => {
      setTouched(false)
      void query.refetch()
    },
  }
}
