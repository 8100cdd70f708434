/** Dictionaries of the API as rows of the form, and back. */

export interface Pair {
  name: string
  value: string
}

export const pairs = (values: Record<string, string> = {}): Pair[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

export const record = (rows: readonly Pair[]): Record<string, string> =>
  Object.fromEntries(rows.map(({ name, value }) => [name.trim(), value]))
