import { type Kind, KINDS } from '../data'

/** What a purge says of one kind. */
export interface Went {
  days?: number | null
  rows: number
  files: number
  bytes: number
  oldest?: string | null
  newest?: string | null
  digest?: string
  held: number
}

export type Wents = Readonly<Record<string, Went | undefined>>

/** Kinds of which something went or was held, in the order of the page. */
export const namedIn = (kinds: Wents): Kind[] => KINDS.filter((kind) => kinds[kind] !== undefined)

export function sumOf(kinds: Wents): { rows: number; files: number; bytes: number; held: number } {
  const sum = { rows: 0, files: 0, bytes: 0, held: 0 }
  for (const kind of namedIn(kinds)) {
    const went = kinds[kind]!
    sum.rows += went.rows
    sum.files += went.files
    sum.bytes += went.bytes
    sum.held += went.held
  }
  return sum
}

export type Verdict = 'running' | 'proved' | 'incomplete'

/** `proved`: nothing that was due is left, and no file of it. */
export function verdictOf(purge: { ended_at: string | null; left: number; files_gone: boolean }): Verdict {
  if (purge.ended_at === null) return 'running'
  return purge.left === 0 && purge.files_gone ? 'proved' : 'incomplete'
}
