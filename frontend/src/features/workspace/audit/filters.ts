/** What the list of the audit log is narrowed by: from the address of the page to the API's query. */
import dayjs from 'dayjs'

export const ACTIONS = [
  'created',
  'changed',
  'deleted',
  'published',
  'revoked',
  'accepted',
  'login',
  'login_failed',
  'listened_in',
  'exported',
  'suites_skipped',
  'suspended',
  'unsuspended',
  'impersonation_started',
  'impersonation_ended',
  'impersonation_expired',
] as const

export const OBJECT_TYPES = [
  'agent',
  'api_key',
  'call',
  'call_hook',
  'claimed_domain',
  'endpoint',
  'invitation',
  'legal_hold',
  'membership',
  'person_request',
  'phone_number',
  'retention',
  'single_sign_on',
  'suite',
  'tenant',
  'trunk',
  'user',
] as const

export interface AuditFilters {
  q?: string
  actor?: string
  action?: string
  object_type?: string
  object?: string
  /** Days in the reader's own time, YYYY-MM-DD; both are meant to be within. */
  from?: string
  to?: string
}

const NAMES = ['q', 'actor', 'action', 'object_type', 'object', 'from', 'to'] as const

export function filtersOf(search: Record<string, unknown>): AuditFilters {
  const known = NAMES.map((name) => [name, search[name]] as const).filter(([, value]) => value !== undefined)
  // The router reads "123" as a number.
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]))
}

export const isFiltered = (filters: AuditFilters) => Object.values(filters).some(Boolean)

export function queryOf({ from, to, ...rest }: AuditFilters): Record<string, string> {
  const after = from && dayjs(from).startOf('day')
  const before = to && dayjs(to).add(1, 'day').startOf('day')
  return Object.fromEntries(
    Object.entries({
      ...rest,
      after: after && after.isValid() ? after.toISOString() : undefined,
      before: before && before.isValid() ? before.toISOString() : undefined,
    }).filter((pair): pair is [string, string] => Boolean(pair[1])),
  )
}
