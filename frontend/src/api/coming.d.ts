/** Endpoints that the OpenAPI document does not have yet. */
import type {} from './schema'

interface Post<B, R> {
  post: {
    parameters: { query?: never; header?: never; path: { id: string }; cookie?: never }
    requestBody: { content: { 'application/json': B } }
    responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': R } } }
  }
}

declare module './schema' {
  interface paths {
    '/api/v1/agents/{id}/flow/check': Post<
      { flow: Record<string, unknown> },
      { problems: { path: string; code: string; detail: string }[] }
    >
  }
}
