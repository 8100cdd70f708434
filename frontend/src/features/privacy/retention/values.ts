/** The form of retention: days as they are typed, empty for "as long as the workspace is". */
import { type Kind, KINDS, LONGEST_DAYS } from '../data'

/** What a number field holds: "" while it is empty. */
export type Days = Record<Kind, number | string>

export type Stored = Partial<Record<Kind, number | null>>

export interface Read {
  stored: Stored
  etag: string
}

export const toForm = (stored: Stored): Days =>
  Object.fromEntries(KINDS.map((kind) => [kind, stored[kind] ?? ''])) as Days

export const fromForm = (days: Days): Record<Kind, number | null> =>
  Object.fromEntries(KINDS.map((kind) => [kind, days[kind] === '' ? null : Number(days[kind])])) as Record<
    Kind,
    number | null
  >

export const isFit = (days: number | string): boolean =>
  days === '' || (Number.isInteger(Number(days)) && Number(days) >= 1 && Number(days) <= LONGEST_DAYS)

export function check(days: Days, words: string): Record<string, string> {
  return Object.fromEntries(KINDS.filter((kind) => !isFit(days[kind])).map((kind) => [kind, words]))
}

/** Kinds that would go earlier than so far. */
export function shortened(before: Stored, after: Stored): Kind[] {
  const length = (days: number | null | undefined) => days ?? Infinity
  return KINDS.filter((kind) => length(after[kind]) < length(before[kind]))
}
