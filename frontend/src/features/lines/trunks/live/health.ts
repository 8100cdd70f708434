/** What is known of a trunk's gateways and registration, summed up and with what to do about it. */
import type { Trunk } from '../../data'

export type GatewayState = Trunk['gateways'][number]['health']['state']
export type RegistrationState = Trunk['state']['registration']['state']

/** What needs attention comes first. */
const ORDER: readonly (GatewayState | 'off')[] = ['down', 'resting', 'unknown', 'up', 'off']

export const stateOf = (gateway: Trunk['gateways'][number]): GatewayState | 'off' =>
  gateway.enabled ? gateway.health.state : 'off'

/** How many gateways are in each state that occurs, the worst first. */
export function gatewayCounts(gateways: Trunk['gateways']): { state: GatewayState | 'off'; count: number }[] {
  return ORDER.map((state) => ({ state, count: gateways.filter((g) => stateOf(g) === state).length })).filter(
    ({ count }) => count > 0,
  )
}

export type Advice =
  'credentials' | 'unknownUser' | 'notThere' | 'name' | 'tls' | 'connection' | 'theirs' | 'interval' | 'ask'

// By what our signalling says: the registrar's answer, or what came of the connection.
const ADVICE: readonly [RegExp, Advice][] = [
  [/\b(401|403|407)\b|user name and password|proof/i, 'credentials'],
  [/\b404\b/, 'unknownUser'],
  [/\b(423|longer time)\b/i, 'interval'],
  [/no answer|\b408\b|not refreshed/i, 'notThere'],
  [/has no address|not found|resolve/i, 'name'],
  [/\btls\b|certificate/i, 'tls'],
  [/takes no|refused|closed the connection|unreachable|connect/i, 'connection'],
  [/\b5\d\d\b/, 'theirs'],
]

/** What to try about an error; null without one. */
export function adviceFor(error: string): Advice | null {
  if (!error) return null
  return ADVICE.find(([pattern]) => pattern.test(error))?.[1] ?? 'ask'
}
