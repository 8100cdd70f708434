/** What the account page asks the accounts API. */
import { queryOptions } from '@tanstack/react-query'
import { accounts, type SessionData } from '@/api/accounts'

export interface Authenticator {
  type: 'totp' | 'webauthn' | 'recovery_codes'
  /** Seconds since 1970, as all times of this API. */
  created_at: number
  last_used_at: number | null
  id?: number
  name?: string
  total_code_count?: number
  unused_code_count?: number
}

export interface Address {
  email: string
  verified: boolean
  primary: boolean
}

export interface Session {
  id: number
  user_agent: string
  ip: string
  created_at: number
  is_current: boolean
}

export interface ProviderAccount {
  uid: string
  display: string
  provider: { id: string; name: string }
}

const list = <T>(path: string) =>
  queryOptions({
    queryKey: ['accounts', path],
    queryFn: async () => (await accounts<T[]>('GET', path)).data,
  })

export const authenticatorsQuery = list<Authenticator>('account/authenticators')
export const addressesQuery = list<Address>('account/email')
export const sessionsQuery = list<Session>('auth/sessions')
export const providersQuery = list<ProviderAccount>('account/providers')

export const personQuery = queryOptions({
  queryKey: ['accounts', 'person'],
  queryFn: async () => (await accounts<SessionData>('GET', 'auth/session')).data.user ?? null,
})
