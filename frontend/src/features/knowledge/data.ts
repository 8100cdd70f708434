/** Knowledge bases and their documents, as the pages read them. */
import { useQueryClient } from '@tanstack/react-query'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'

type Schemas = components['schemas']
export type Document = Schemas['Document']
export type Found = Schemas['KnowledgeResult']
export type EmbeddingVendor = Schemas['EmbeddingInputRequest']['vendor']

export interface Embedding {
  vendor: EmbeddingVendor
  model: string
  base_url: string
}

/** Without an embedding model words only are searched. */
export type Base = Omit<Schemas['KnowledgeBase'], 'embedding'> & { embedding: Embedding | null }

// The document of the API calls the embedding any text.
export const asBase = (base: unknown) => base as Base

const BASES = '/api/v1/knowledge-bases'
const DOCUMENTS = '/api/v1/knowledge-bases/{id}/documents'
const POLL_MS = 2_000

export function useBase(id: string) {
  return $api.useQuery('get', '/api/v1/knowledge-bases/{id}', { params: { path: { id } } })
}

/** All that were asked for so far; read again while one is being read. */
export function useDocuments(id: string) {
  const query = $api.useInfiniteQuery(
    'get',
    DOCUMENTS,
    { params: { path: { id } } },
    {
      ...byCursor,
      refetchInterval: ({ state }) =>
        state.data?.pages.some((page) => page.results.some(isReading)) ? POLL_MS : false,
    },
  )
  return { query, documents: query.data?.pages.flatMap((page) => page.results) ?? [] }
}

export const isReading = ({ state }: Pick<Document, 'state'>) => state === 'reading'

/** Has everything about the base read again. */
export function useChanged() {
  const queries = useQueryClient()
  return () =>
    Promise.all(
      [BASES, '/api/v1/knowledge-bases/{id}', DOCUMENTS, `${DOCUMENTS}/{document}`].map((path) =>
        queries.invalidateQueries({ queryKey: ['get', path] }),
      ),
    )
}

/** 1_500_000 -> "1.5 MB". */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const kilobytes = bytes / 1_000
  return kilobytes < 1_000 ? `${Math.round(kilobytes)} kB` : `${(kilobytes / 1_000).toFixed(1)} MB`
}
