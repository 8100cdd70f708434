/** Contacts of a campaign as the API gives them, and when they are called where they are. */
import dayjs from 'dayjs'
import timezone from 'dayjs/plugin/timezone'
import utc from 'dayjs/plugin/utc'
import type { components, operations } from '@/api/schema'

dayjs.extend(utc)
dayjs.extend(timezone)

export type Contact = components['schemas']['Contact']
export type NewContact = components['schemas']['ContactInputRequest']

type Query = NonNullable<operations['campaigns_contacts_list']['parameters']['query']>
type OneOf<K extends keyof Query> = NonNullable<Query[K]> extends readonly (infer One)[] ? One : never

/** As the API takes it, each with one value. */
export interface ContactFilter {
  state?: OneOf<'state'>
  outcome?: OneOf<'outcome'>
  set_aside?: OneOf<'set_aside'>
  q?: string
}

export const CONTACT_STATES = ['waiting', 'calling', 'done', 'set_aside'] as const

export const SET_ASIDES = [
  'suppressed',
  'no_consent',
  'no_time_zone',
  'never_open',
  'country',
  'not_dialable',
  'unreachable_number',
  'capped',
  'removed',
] as const

export const OUTCOMES = [
  'answered',
  'transferred',
  'callback',
  'hung_up_early',
  'opted_out',
  'voicemail',
  'screening',
  'busy',
  'no_answer',
  'rejected',
  'blocked',
  'invalid_number',
  'congestion',
  'failed',
] as const

/** A moment as the callee's clock shows it, with the place of the clock: "Mon 4 May, 09:00", "New York". */
export function theirTime(at: string, zones: readonly string[]): { time: string; zone: string } | null {
  const zone = zones[0]
  if (!zone) return null
  const time = dayjs(at).tz(zone).format('ddd D MMM, HH:mm')
  return { time, zone: zone.split('/').at(-1)!.replaceAll('_', ' ') }
}

/** "first_name = Ann" a line; null when a line is none of that. */
export function variablesIn(text: string): Record<string, string> | null {
  const found: Record<string, string> = {}
  for (const line of text.split('\n').filter((one) => one.trim())) {
    const [, name, value] = /^\s*([a-z][a-z0-9_]*)\s*=\s*(.*?)\s*$/i.exec(line) ?? []
    if (!name) return null
    found[name] = value ?? ''
  }
  return found
}
