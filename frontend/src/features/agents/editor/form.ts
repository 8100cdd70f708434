/** The editor's form, its sections, and which section a fault belongs to. */
import { createFormContext } from '@mantine/form'
import type { AgentForm } from '../config/types'

export const [AgentFormProvider, useAgentForm, useNewAgentForm] = createFormContext<AgentForm>()

export const SECTIONS = [
  'conversation',
  'flow',
  'model',
  'tools',
  'before',
  'transfers',
  'knowledge',
  'voice',
  'hearing',
  'languages',
  'turns',
  'keys',
  'voicemail',
  'sounds',
  'ending',
  'extraction',
  'analysis',
] as const
export type Section = (typeof SECTIONS)[number]

const PLACES: [string, Section][] = [
  ['config.flow', 'flow'],
  ['config.model', 'model'],
  ['config.fallbacks.models', 'model'],
  ['config.tools', 'tools'],
  ['config.secrets', 'tools'],
  ['config.prefetch', 'before'],
  ['config.transfers', 'transfers'],
  ['config.knowledge', 'knowledge'],
  ['config.keys', 'keys'],
  ['config.voicemail', 'voicemail'],
  ['config.languages', 'languages'],
  ['config.voice', 'voice'],
  ['config.fallbacks.voices', 'voice'],
  ['config.transcriber', 'hearing'],
  ['config.fallbacks.transcribers', 'hearing'],
  ['config.turn_taking', 'turns'],
  ['config.silence', 'turns'],
  ['config.sounds', 'sounds'],
  ['config.fillers', 'sounds'],
  ['config.extraction', 'extraction'],
  ['config.analysis', 'analysis'],
  ['config.end_call_phrases', 'ending'],
  ['config.max_duration', 'ending'],
  ['config.money_ended', 'ending'],
  ['config.fallback_message', 'ending'],
  ['config.record', 'ending'],
  ['config.redact', 'ending'],
]

export function sectionOf(place: string): Section {
  return PLACES.find(([start]) => place.startsWith(start))?.[1] ?? 'conversation'
}

/** How many faults each section has. */
export function faultsBySection(errors: Record<string, unknown>): Partial<Record<Section, number>> {
  const counted: Partial<Record<Section, number>> = {}
  for (const [place, error] of Object.entries(errors))
    if (error) counted[sectionOf(place)] = (counted[sectionOf(place)] ?? 0) + 1
  return counted
}
