/** What of a draft differs from what is stored, and what cannot be stored as it stands. */
import type { CampaignChanges } from '../data'
import type { CampaignConfig } from '../shared/types'
import type { SetupForm } from './form'

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** The body of a PATCH; null when nothing differs. Configurations are changed by whole parts. */
export function changesOf(stored: SetupForm, typed: SetupForm): CampaignChanges | null {
  const changes: CampaignChanges = {}
  if (typed.name.trim() !== stored.name) changes.name = typed.name.trim()
  if (typed.agent !== stored.agent) changes.agent = typed.agent
  const parts = (Object.keys(typed.config) as (keyof CampaignConfig)[]).filter(
    (part) => !same(typed.config[part], stored.config[part]),
  )
  if (parts.length > 0) changes.config = Object.fromEntries(parts.map((part) => [part, typed.config[part]]))
  return Object.keys(changes).length > 0 ? changes : null
}

interface Words {
  required: string
  windowDays: string
  windowOrder: string
}

// These may stay empty.
const OPTIONAL = ['config.hours.default_time_zone', 'config.variables']

/** Faults by dotted place: fields that were emptied, windows without days or that run backwards. */
export function faultsOf(typed: SetupForm, words: Words): Record<string, string> {
  const faults: Record<string, string> = {}
  const look = (value: unknown, place: string) => {
    if (OPTIONAL.some((path) => place.startsWith(path))) return
    if (typeof value === 'string' && value.trim() === '') faults[place] = words.required
    else if (typeof value === 'object' && value !== null)
      for (const [key, part] of Object.entries(value)) look(part, place ? `${place}.${key}` : key)
  }
  look(typed, '')
  typed.config.hours.windows.forEach(({ days, start, end }, i) => {
    if (days.length === 0) faults[`config.hours.windows.${i}.days`] = words.windowDays
    if (start && end && end <= start) faults[`config.hours.windows.${i}.end`] = words.windowOrder
  })
  return faults
}
