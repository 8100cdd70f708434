/** Calls that settings are tried on. */
import type { components } from '@/api/schema'
import type { Field } from '@/components/analysis/types'
import type { FieldForm } from '../config/analysis'

export type TriedCall = components['schemas']['AnalysisTrial']

const MOST = 5
const ID = /\b(call_[A-Za-z0-9]{1,40})\b/

/** The ids in lines of text, which may be addresses of calls' pages; null when it is not one to five. */
export function idsOf(lines: readonly string[]): string[] | null {
  const found = lines.map((line) => ID.exec(line)?.[1])
  const ids = [...new Set(found)]
  if (ids.length === 0 || ids.length > MOST || ids.includes(undefined)) return null
  return ids as string[]
}

/** What the results are shown by: the fields in their order. */
export const fieldsOf = (fields: readonly FieldForm[]): Field[] =>
  fields.map(({ name, type, description, required, many }) => ({ name, type, description, required, many }))
