/** The report of a request: what was found or done, by kind, and what the reader has to see to. */

export interface Line {
  /** As the server calls it: `do_not_call_kept_as_digest`. */
  name: string
  rows: number
}

/** A place of the tenant's own configuration in which the number was written by hand. */
export interface Left {
  /** `agents.Agent`. */
  what: string
  id: string
}

export interface Report {
  lines: Line[]
  files: number
  left: Left[]
  /** Files that should have been there and were not. */
  missing: number
}

export function reportOf(stored: unknown): Report {
  const { rows, files, left, missing } = (stored ?? {}) as {
    rows?: Record<string, number>
    files?: number
    left?: Left[]
    missing?: unknown[]
  }
  return {
    lines: Object.entries(rows ?? {})
      .filter(([, count]) => count > 0)
      .map(([name, count]) => ({ name: name.replace(/_/g, ' '), rows: count })),
    files: files ?? 0,
    left: left ?? [],
    missing: missing?.length ?? 0,
  }
}

const PAGES: Record<string, string> = {
  'agents.Agent': 'agents',
  'campaigns.Campaign': 'campaigns',
  'trunks.Trunk': 'trunks',
}

/** The page where something can be changed by hand; null when there is none of its own. */
export const pageOf = ({ what, id }: Left): string | null => (PAGES[what] ? `${PAGES[what]}/${id}` : null)

/** `agents.AgentVersion` -> `Agent version`. */
export function nameOf({ what }: Left): string {
  const words = (what.split('.').pop() ?? what).replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
