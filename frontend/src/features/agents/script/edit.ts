/** Changes of a script that touch more than one place. All return a new script. */
import { emptyNode } from '../config/defaults'
import type { BranchForm, NodeForm, ScriptForm } from '../config/types'

/** The node `from` under another name, and everything that leads to it. */
export function renameNode(script: ScriptForm, index: number, to: string): ScriptForm {
  const from = script.nodes[index]!.name
  const moved = (name: string | null) => (name === from && from !== '' ? to : name)
  return {
    ...script,
    start: script.start === from ? to : script.start,
    nodes: script.nodes.map((node, i) => ({
      ...node,
      name: i === index ? to : node.name,
      otherwise_goto: moved(node.otherwise_goto),
      expect: node.expect.map((branch) => ({ ...branch, goto: moved(branch.goto) })),
    })),
  }
}

/** Without the node; what led to it stays where it is. */
export function removeNode(script: ScriptForm, index: number): ScriptForm {
  const gone = script.nodes[index]!.name
  const left = script.nodes.filter((_, i) => i !== index)
  const kept = (name: string | null) => (name === gone ? null : name)
  return {
    ...script,
    start: script.start === gone ? (left[0]?.name ?? '') : script.start,
    nodes: left.map((node) => ({
      ...node,
      otherwise_goto: kept(node.otherwise_goto),
      expect: node.expect.map((branch) => ({ ...branch, goto: kept(branch.goto) })),
    })),
  }
}

export function addNode(script: ScriptForm): ScriptForm {
  const names = new Set(script.nodes.map((node) => node.name))
  let number = script.nodes.length + 1
  while (names.has(`step_${number}`)) number++
  return { ...script, nodes: [...script.nodes, emptyNode(`step_${number}`)] }
}

/** Which nodes lead to `name`, by name. */
export function leadTo(nodes: NodeForm[], name: string): string[] {
  return nodes
    .filter((node) => node.otherwise_goto === name || node.expect.some((branch) => branch.goto === name))
    .map((node) => node.name)
}

/** Where a branch goes, as one choice: `stay`, `end` or `node:NAME`. */
export function targetOf(branch: Pick<BranchForm, 'goto' | 'action'>): string {
  if (branch.action === 'end_call') return 'end'
  return branch.goto ? `node:${branch.goto}` : 'stay'
}

export function withTarget<B extends Pick<BranchForm, 'goto' | 'action'>>(branch: B, target: string): B {
  return {
    ...branch,
    action: target === 'end' ? 'end_call' : 'none',
    goto: target.startsWith('node:') ? target.slice(5) : null,
  }
}
