/** What differs between two configurations, field by field. */

export interface Change {
  /** Dotted place, `model.nodes.day.say`. */
  path: string
  kind: 'added' | 'removed' | 'changed'
  before?: unknown
  after?: unknown
  /** Of a long text, line by line. */
  text?: readonly { kind: 'same' | 'removed' | 'added'; line: string }[] | null
}

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const same = (a: unknown, b: unknown) => canonicalText(a) === canonicalText(b)

function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${key}:${canonicalText(value[key])}`)
    .join()}}`
}

/** The changes from `before` to `after`; lists of plain values count as one field. */
export function diff(before: unknown, after: unknown, path = ''): Change[] {
  if (same(before, after)) return []
  if (isObject(before) && isObject(after)) return diffObjects(before, after, path)
  if (isRows(before) && isRows(after)) return diffObjects(rows(before, after), rows(after, before), path)
  if (before === undefined) return [{ path, kind: 'added', after }]
  if (after === undefined) return [{ path, kind: 'removed', before }]
  return [{ path, kind: 'changed', before, after }]
}

function diffObjects(before: Json, after: Json, path: string): Change[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys.flatMap((key) => diff(before[key], after[key], path ? `${path}.${key}` : key))
}

const isRows = (value: unknown): value is Json[] =>
  Array.isArray(value) && value.length > 0 && value.every(isObject)

/**
 * Rows by a key that stays theirs when others come or go: their name when all have one of their own, else
 * their place.
 */
function rows(list: Json[], other: Json[]): Json {
  const named = [list, other].every(
    (some) =>
      some.every((row) => typeof row.name === 'string') &&
      new Set(some.map((row) => row.name)).size === some.length,
  )
  return Object.fromEntries(list.map((row, i) => [named ? String(row.name) : String(i + 1), row]))
}

/** A value as people read it: texts as they are, lists one a line, the rest as JSON. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return value.length > 0 ? value.join('\n') : '–'
  return JSON.stringify(value, null, 2)
}

export interface Piece {
  text: string
  kind: 'same' | 'removed' | 'added'
}

const LONGEST = 400

/** Word by word, for texts that changed in part. Long texts are taken as a whole. */
export function wordDiff(before: string, after: string): Piece[] {
  const a = before.split(/(\s+)/).filter(Boolean)
  const b = after.split(/(\s+)/).filter(Boolean)
  if (a.length > LONGEST || b.length > LONGEST)
    return [
      { text: before, kind: 'removed' },
      { text: after, kind: 'added' },
    ]
  return merge(walk(a, b, lengths(a, b)))
}

/** Lengths of the longest common subsequences of all ends of `a` and `b`. */
function lengths(a: string[], b: string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i]![j] =
        a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!)
  return table
}

function walk(a: string[], b: string[], table: number[][]): Piece[] {
  const pieces: Piece[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      pieces.push({ text: a[i]!, kind: 'same' })
      i++
      j++
    } else if (j >= b.length || (i < a.length && table[i + 1]![j]! >= table[i]![j + 1]!)) {
      pieces.push({ text: a[i++]!, kind: 'removed' })
    } else {
      pieces.push({ text: b[j++]!, kind: 'added' })
    }
  }
  return pieces
}

function merge(pieces: Piece[]): Piece[] {
  const merged: Piece[] = []
  for (const piece of pieces) {
    const last = merged.at(-1)
    if (last?.kind === piece.kind) last.text += piece.text
    else merged.push({ ...piece })
  }
  return merged
}
