/** The ways that lead out of a flow's nodes, whatever they are called in each kind of node. */
import type { Edge, Flow, Node } from './types'

/**
 * `edge`: one of `edges`; `branch`: one of what a listen node expects; `otherwise`: after too many answers
 * in vain; `failed`: a tool gave an error, nobody took the transfer.
 */
export type WayKind = 'edge' | 'branch' | 'otherwise' | 'failed'

export interface Way {
  id: string
  from: string
  to: string
  kind: WayKind
  /** Place among the node's edges or branches. */
  index: number
}

export const wayId = (from: string, kind: WayKind, index = 0) => `${from}:${kind}:${index}`

export function waysOf(name: string, node: Node): Way[] {
  const way = (kind: WayKind, to: string | null | undefined, index = 0): Way[] =>
    to ? [{ id: wayId(name, kind, index), from: name, to, kind, index }] : []
  const found: Way[] = []
  if ('edges' in node) found.push(...node.edges.flatMap(({ goto }, i) => way('edge', goto, i)))
  if (node.kind === 'listen') found.push(...node.expect.flatMap(({ goto }, i) => way('branch', goto, i)))
  if ('otherwise_goto' in node) found.push(...way('otherwise', node.otherwise_goto))
  if ('failed_goto' in node) found.push(...way('failed', node.failed_goto))
  return found
}

/** All ways of the flow, also those that lead nowhere. */
export const allWays = ({ nodes }: Flow): Way[] =>
  Object.entries(nodes).flatMap(([name, node]) => waysOf(name, node))

/** The nodes as a caller meets them from the start on; those that nothing leads to last. */
export function inOrder(flow: Flow): string[] {
  const found = new Set<string>()
  const queue = [flow.start]
  while (queue.length > 0) {
    const name = queue.shift()!
    const node = flow.nodes[name]
    if (!node || found.has(name)) continue
    found.add(name)
    queue.push(...waysOf(name, node).map(({ to }) => to))
  }
  return [...found, ...Object.keys(flow.nodes).filter((name) => !found.has(name))]
}

/** Names of the nodes that no way reaches. */
export function unreached(flow: Flow): string[] {
  const reached = new Set<string>()
  const queue = [flow.start]
  while (queue.length > 0) {
    const name = queue.pop()!
    const node = flow.nodes[name]
    if (!node || reached.has(name)) continue
    reached.add(name)
    queue.push(...waysOf(name, node).map(({ to }) => to))
  }
  return Object.keys(flow.nodes).filter((name) => !reached.has(name))
}

/** What a person reads of a node: its first words. */
export function firstWords(node: Node): string {
  switch (node.kind) {
    case 'prompt':
      return node.say || node.prompt
    case 'say':
      return node.text
    case 'collect':
      return node.ask
    case 'listen':
    case 'end':
      return node.say
    case 'tool':
      return node.tool
    case 'transfer':
      return node.target
    case 'hand_over':
    case 'condition':
      return ''
  }
}

const SIGNS: Record<string, string> = { equal: '=', different: '≠', greater: '>', less: '<', contains: '∋' }

/** Texts that a way's label is made of. */
export interface WayWords {
  always: string
  otherwise: string
  failed: string
  notUnderstood: string
  set: (name: string) => string
  unset: (name: string) => string
  key: (digit: string) => string
}

export function labelOf(way: Way, node: Node, words: WayWords): string {
  if (way.kind === 'otherwise') return words.notUnderstood
  if (way.kind === 'failed') return words.failed
  if (way.kind === 'branch' && node.kind === 'listen') {
    const branch = node.expect[way.index]!
    return branch.phrases[0] ?? (branch.dtmf ? words.key(branch.dtmf) : '')
  }
  if (!('edges' in node)) return ''
  return edgeLabel(node.edges[way.index]!, way.index > 0, words)
}

function edgeLabel({ conditions, when }: Edge, later: boolean, words: WayWords): string {
  const compared = conditions.map(({ name, is, value }) => {
    if (is === 'set') return words.set(name)
    if (is === 'unset') return words.unset(name)
    return `${name} ${SIGNS[is]} ${value}`
  })
  const all = [...compared, ...(when ? [when] : [])].join(' · ')
  return all || (later ? words.otherwise : words.always)
}
