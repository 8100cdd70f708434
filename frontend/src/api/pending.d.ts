/** Endpoints that the OpenAPI document does not have yet; each goes when it has come. */
import type {} from './schema'

interface Body<B, R, P = { id: string }> {
  parameters: { query?: never; header?: never; cookie?: never } & Path<P>
  requestBody: { content: { 'application/json': B } }
  responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': R } } }
}
interface Read<R, P, Q = never> {
  parameters: { query?: Q; header?: never; cookie?: never } & Path<P>
  requestBody?: never
  responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': R } } }
}
type None = undefined
type Path<P> = P extends undefined ? { path?: never } : { path: P }
type Page<T> = { results: T[]; next: string | null; previous: string | null }
type Json = Record<string, unknown>

interface Base {
  id: string
  name: string
  description: string
  documents: number
  chunks: number
  embedding: { vendor: string; model: string } | null
  created_at: string
}
interface Document {
  id: string
  title: string
  kind: 'text' | 'markdown' | 'html' | 'pdf' | 'docx' | 'url'
  url: string
  state: 'reading' | 'ready' | 'failed'
  problem: string
  size_bytes: number
  chunks: number
  created_at: string
  read_at: string | null
}
interface Chunk {
  number: number
  heading: string
  text: string
}
interface Found {
  document: string
  document_title: string
  heading: string
  text: string
  score: number
  by: ('words' | 'meaning')[]
  matched: string[]
}

declare module './schema' {
  interface paths {
    '/api/v1/agents/{id}/tools/try': { post: Body<Json, Json> }
    '/api/v1/agents/{id}/tools/list': { post: Body<Json, Json> }
    '/api/v1/knowledge-bases': {
      get: Read<Page<Base>, None, { limit?: number; cursor?: string; q?: string }>
      post: Body<{ name: string; description?: string }, Base, None>
    }
    '/api/v1/knowledge-bases/{id}': {
      get: Read<Base, { id: string }>
      patch: Body<{ name?: string; description?: string }, Base>
      delete: Read<undefined, { id: string }>
    }
    '/api/v1/knowledge-bases/{id}/documents': {
      get: Read<Page<Document>, { id: string }, { limit?: number; cursor?: string }>
      post: Body<Json, Document>
    }
    '/api/v1/knowledge-bases/{id}/documents/{document}': {
      get: Read<Document, { id: string; document: string }>
      delete: Read<undefined, { id: string; document: string }>
    }
    '/api/v1/knowledge-bases/{id}/documents/{document}/chunks': {
      get: Read<Page<Chunk>, { id: string; document: string }, { limit?: number; cursor?: string }>
    }
    '/api/v1/knowledge-bases/{id}/documents/{document}/refresh': {
      post: Body<undefined, Document, { id: string; document: string }>
    }
    '/api/v1/knowledge-bases/search': {
      post: Body<
        { bases: string[]; query: string; limit?: number },
        { took_ms: number; results: Found[] },
        None
      >
    }
  }
}
