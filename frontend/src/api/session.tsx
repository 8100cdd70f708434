/** Who is logged in, in which tenant, and what they may do there. */
import { createContext, type ReactNode, useContext } from 'react'
import { $api } from './client'
import type { components } from './schema'

export type Me = components['schemas']['Me']
export type Membership = Me['memberships'][number]

export const meQuery = () => $api.queryOptions('get', '/api/v1/me')

/** The person's own account; loading and errors are the route's business. */
export function useMe() {
  return $api.useQuery('get', '/api/v1/me')
}

const Context = createContext<Membership | null>(null)

export function TenantProvider({ membership, children }: { membership: Membership; children: ReactNode }) {
  return <Context.Provider value={membership}>{children}</Context.Provider>
}

/** The tenant of the page that is open. */
export function useTenant() {
  const membership = useContext(Context)
  if (!membership) throw new Error('useTenant outside the pages of a tenant')
  const { tenant, role, permissions } = membership
  return {
    tenant,
    role,
    /** The address of a page of this tenant: `path('agents')`. */
    path: (page = '') => `/t/${tenant.slug}${page ? `/${page}` : ''}`,
    may: (permission: string) => permissions.includes(permission),
  }
}

/** Shows its children only to those who have the permission. */
export function May({ permission, children }: { permission: string; children: ReactNode }) {
  return useTenant().may(permission) ? children : null
}
