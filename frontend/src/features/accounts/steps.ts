/** From an answer of the accounts API to what the person has to do next. */
import type { Answer, SessionData } from '@/api/accounts'

export type Step =
  | { kind: 'done'; user: string }
  | { kind: 'password' }
  | { kind: 'second'; types: string[] }
  | { kind: 'mail' }
  | { kind: 'providerSignup'; provider: string }

export function stepOf(answer: Answer<SessionData>): Step {
  if (answer.status === 200 && answer.data.user) return { kind: 'done', user: answer.data.user.id }
  const pending = answer.data.flows?.filter((flow) => flow.is_pending) ?? []
  const second = pending.find((flow) => flow.id === 'mfa_authenticate')
  if (second) return { kind: 'second', types: second.types ?? [] }
  if (pending.some((flow) => flow.id === 'verify_email')) return { kind: 'mail' }
  const signup = pending.find((flow) => flow.id === 'provider_signup')
  if (signup) return { kind: 'providerSignup', provider: signup.provider?.name ?? '' }
  return { kind: 'password' }
}
