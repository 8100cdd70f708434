/** Endpoints that the OpenAPI document does not have yet; each goes when it has come. */
import type {} from './schema'

interface Body<B, R, P = { id: string }> {
  parameters: { query?: never; header?: never; cookie?: never } & Path<P>
  requestBody: { content: { 'application/json': B } }
  responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': R } } }
}
type Json = Record<string, unknown>
type Path<P> = P extends undefined ? { path?: never } : { path: P }

declare module './schema' {
  interface paths {
    '/api/v1/agents/{id}/tools/try': { post: Body<Json, Json> }
    '/api/v1/agents/{id}/tools/list': { post: Body<Json, Json> }
  }
}
