/** Contacts of a campaign as the API gives them, and when they are called where they are. */
import dayjs from 'dayjs'
import timezone from 'dayjs/plugin/timezone'
import utc from 'dayjs/plugin/utc'

dayjs.extend(utc)
dayjs.extend(timezone)

export const CONTACT_STATES = ['waiting', 'calling', 'done', 'set_aside'] as const
export type ContactState = (typeof CONTACT_STATES)[number] | 'checking'

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

export interface Contact {
  id: string
  e164: string
  external_id: string
  variables: Record<string, string>
  state: ContactState
  next_at: string | null
  attempts: number
  last_outcome: string
  last_at: string | null
  set_aside: string
  detail: string
  converted: boolean
  time_zones: string[]
  country: string
  region: string
}

export interface ContactFilter {
  state?: string
  outcome?: string
  q?: string
}

export interface NewContact {
  number: string
  variables?: Record<string, string>
}

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
