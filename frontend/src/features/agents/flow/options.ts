/** What selects of the flow editor offer. */
import type { Flow } from '@/components/flow/types'
import { inOrder } from '@/components/flow/ways'

/** The nodes by name, those with a label by both. `but`: without this one. */
export function nodeOptions(flow: Flow, but?: string) {
  return inOrder(flow)
    .filter((name) => name !== but)
    .map((name) => {
      const label = flow.nodes[name]!.label
      return { value: name, label: label ? `${label} (${name})` : name }
    })
}
