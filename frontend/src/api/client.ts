/**
 * The typed client of our REST API. `api` for single requests, `$api` for queries and mutations:
 *
 *     const { data } = $api.useQuery('get', '/api/v1/agents/{id}', { params: { path: { id } } })
 *
 * Every failure is thrown as a `Problem`.
 */
import createClient, { type Middleware } from 'openapi-fetch'
import createQueryClient from 'openapi-react-query'
import { reached, unreachable } from './connection'
import { offline, problemFrom } from './problem'
import type { paths } from './schema'

let tenantId = ''

/** The tenant (ten_...) that requests speak for; a tab has one at a time. */
export function setTenant(id: string): void {
  tenantId = id
}

export function currentTenant(): string {
  return tenantId
}

export function csrfToken(): string {
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? ''
}

type Listener = () => void
const sessionListeners = new Set<Listener>()

/** Calls `listener` when the server says that nobody is logged in any more. Returns how to stop. */
export function onSessionLost(listener: Listener): Listener {
  sessionListeners.add(listener)
  return () => sessionListeners.delete(listener)
}

export function tellSessionLost(): void {
  sessionListeners.forEach((listener) => listener())
}

const ours: Middleware = {
  onRequest({ request }) {
    if (tenantId) request.headers.set('X-Tenant', tenantId)
    if (request.method !== 'GET') request.headers.set('X-CSRFToken', csrfToken())
    return request
  },
  async onResponse({ response }) {
    reached()
    if (response.ok) return response
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null)
    if (response.status === 401) tellSessionLost()
    throw problemFrom(response, body)
  },
  onError({ error }) {
    // Whoever asked has gone: that says nothing about the server.
    if (error instanceof DOMException && error.name === 'AbortError') return
    unreachable()
    return offline()
  },
}

export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin' })
api.use(ours)

export const $api = createQueryClient(api)
