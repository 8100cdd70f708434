/** The draft's flow in the editor: reading it, changing it with a way back, and its faults. */
import { useCallback, useMemo } from 'react'
import type { Flow } from '@/components/flow/types'
import { useAgentForm } from '../editor/form'
import { back, forth, type HistoryStore, remember } from './history'

export const PLACE = 'config.flow'

export function useFlow({ history, setHistory }: HistoryStore<Flow>) {
  const form = useAgentForm()
  const flow = form.values.config.flow!

  /** `tag` names what is typed: going on with the same is one step for undo. */
  const change = (next: Flow, tag: string | null = null) => {
    if (next === flow) return
    setHistory(remember(history, flow, tag))
    form.setFieldValue(PLACE, next)
  }
  const go = (where: typeof back) => {
    const moved = where(history, flow)
    if (!moved) return
    setHistory(moved[0])
    form.setFieldValue(PLACE, moved[1])
  }
  return {
    flow,
    change,
    undo: history.past.length > 0 ? () => go(back) : undefined,
    redo: history.future.length > 0 ? () => go(forth) : undefined,
  }
}

export type FlowEdit = ReturnType<typeof useFlow>

/** The texts of faults by node; those that are of no node under ''. */
export function useFaults(): Record<string, { place: string; text: string }[]> {
  const { errors } = useAgentForm()
  return useMemo(() => {
    const found: Record<string, { place: string; text: string }[]> = {}
    for (const [place, text] of Object.entries(errors)) {
      if (!text || !place.startsWith(PLACE)) continue
      const node = /^config\.flow\.nodes\.([^.]+)/.exec(place)?.[1] ?? ''
      ;(found[node] ??= []).push({ place, text: String(text) })
    }
    return found
  }, [errors])
}

/** The props of an input for a field of a node: its value, and its fault. */
export function useNodeField(edit: FlowEdit, name: string) {
  const form = useAgentForm()
  const { flow, change } = edit
  return useCallback(
    <T>(key: string) => {
      const place = `${PLACE}.nodes.${name}.${key}`
      const { value, error, readOnly } = form.getInputProps(place) as {
        value: T
        error?: string
        readOnly?: boolean
      }
      const set = (next: unknown) => {
        form.clearFieldError(place)
        const node = flow.nodes[name]!
        change({ ...flow, nodes: { ...flow.nodes, [name]: { ...node, [key]: next } } }, `${name}.${key}`)
      }
      return { value, error, readOnly, set, 'data-path': place }
    },
    [form, flow, change, name],
  )
}

export type NodeField = ReturnType<typeof useNodeField>
