/** Undo and redo of whole values. */
import { useMemo, useRef, useState } from 'react'

export interface History<T> {
  past: readonly T[]
  future: readonly T[]
  /** What the last change was about: more of the same, such as typing on, is one step. */
  tag: string | null
}

export const noHistory: History<never> = { past: [], future: [], tag: null }

const MOST = 100

/** `present` is about to be replaced. */
export function remember<T>(history: History<T>, present: T, tag: string | null): History<T> {
  if (tag !== null && tag === history.tag) return { ...history, future: [] }
  return { past: [...history.past, present].slice(-MOST), future: [], tag }
}

export function back<T>(history: History<T>, present: T): [History<T>, T] | null {
  const before = history.past.at(-1)
  if (before === undefined) return null
  return [{ past: history.past.slice(0, -1), future: [present, ...history.future], tag: null }, before]
}

export function forth<T>(history: History<T>, present: T): [History<T>, T] | null {
  const [next, ...future] = history.future
  if (next === undefined) return null
  return [{ past: [...history.past, present], future, tag: null }, next]
}

/** Kept where it outlives the editor of the value, so that a look elsewhere forgets nothing. */
export function useHistory<T>() {
  const [history, setHistory] = useState<History<T>>(noHistory as History<T>)
  // What was in place before it was given up for something else altogether.
  const kept = useRef<T | null>(null)
  return useMemo(() => ({ history, setHistory, kept }), [history])
}

export type HistoryStore<T> = ReturnType<typeof useHistory<T>>
