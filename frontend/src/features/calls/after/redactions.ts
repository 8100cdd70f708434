/** What was taken out of a call's recording and transcript. While that goes on, nobody hears the recording. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import type { Span } from '@/components/call/Wave'
import { duration } from '@/components/format'

export type Redaction = components['schemas']['Redaction']

const POLL_MS = 1_500
const PATH = '/api/v1/calls/{id}/redactions'

export function useRedactions(id: string) {
  const { t } = useTranslation('calls')
  const query = $api.useQuery(
    'get',
    PATH,
    { params: { path: { id }, query: { limit: 200 } } },
    { refetchInterval: ({ state }) => (state.data?.results.some(isOpen) ? POLL_MS : false) },
  )
  const all: readonly Redaction[] = query.data?.results ?? NONE
  const open = all.some(isOpen)
  const version = all.filter((one) => !isOpen(one)).length
  useChanged(query.data ? version : null)
  const spans = all.map(({ start_ms, end_ms, kind }): Span => {
    const part = { from: duration(Math.max(0, start_ms)), to: duration(end_ms) }
    const label = t('after.takenOut', { kind: t(`after.redaction_${kind}`), ...part })
    return { startMs: start_ms, endMs: end_ms, label }
  })
  return { all, spans, version, open }
}

export type Taken = ReturnType<typeof useRedactions>

const NONE: readonly Redaction[] = []
const isOpen = ({ state }: Redaction) => state !== 'done'

/** Sound and words are others once a part is gone. */
function useChanged(version: number | null) {
  const client = useQueryClient()
  const known = useRef(version)
  useEffect(() => {
    if (known.current !== null && version !== null && known.current !== version)
      for (const path of [
        '/api/v1/calls/{id}',
        '/api/v1/calls/{id}/recording/peaks',
        '/api/v1/calls/{id}/events',
      ])
        void client.invalidateQueries({ queryKey: ['get', path] })
    known.current = version
  }, [client, version])
}

/** Asks for something to be taken out; the recording cannot be heard until it is done. */
export function useRedact(onAsked: () => void) {
  const client = useQueryClient()
  return $api.useMutation('post', PATH, {
    onSuccess: onAsked,
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['get', PATH] })
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/calls/{id}'] })
      // Its quotes are words of the call as well.
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/calls/{id}/analysis'] })
    },
  })
}
