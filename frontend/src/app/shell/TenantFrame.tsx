import { useParams } from '@tanstack/react-router'
import { TenantProvider, useMe } from '@/api/session'
import { NotFound } from './errors'
import { Shell } from './Shell'

/** The pages of one tenant. The route has made sure that the person belongs to it. */
export function TenantFrame() {
  const { tenant } = useParams({ strict: false })
  const { data: me } = useMe()
  const membership = me?.memberships.find((m) => m.tenant.slug === tenant)
  if (!me) return null
  if (!membership) return <NotFound />
  return (
    // The key: nothing of one tenant survives in the pages of another.
    <TenantProvider key={membership.tenant.id} membership={membership}>
      <Shell />
    </TenantProvider>
  )
}
