/** What an empty node of each kind begins with, and a stored flow with everything that may be left out. */
import type { Branch, Condition, Edge, Flow, Kind, Node } from './types'

const SORRY = 'Sorry, I did not understand that.'
const base = () => ({ label: '', position: { x: 0, y: 0 } })

const EMPTY: { [K in Kind]: () => Extract<Node, { kind: K }> } = {
  prompt: () => ({ ...base(), kind: 'prompt', prompt: '', say: '', tools: null, edges: [] }),
  say: () => ({ ...base(), kind: 'say', text: '', edges: [] }),
  collect: () => ({
    ...base(),
    kind: 'collect',
    ask: '',
    save_as: 'answer',
    type: 'text',
    choices: [],
    by: 'both',
    min_digits: 1,
    max_digits: 20,
    terminator: '#',
    sensitive: false,
    attempts: 3,
    again: SORRY,
    otherwise_goto: null,
    edges: [],
  }),
  listen: () => ({
    ...base(),
    kind: 'listen',
    say: '',
    expect: [],
    otherwise: SORRY,
    otherwise_limit: 3,
    otherwise_goto: null,
  }),
  condition: () => ({ ...base(), kind: 'condition', edges: [] }),
  tool: () => ({
    ...base(),
    kind: 'tool',
    tool: '',
    arguments: {},
    save_as: null,
    failed_goto: null,
    edges: [],
  }),
  transfer: () => ({ ...base(), kind: 'transfer', target: '', failed_goto: null }),
  hand_over: () => ({ ...base(), kind: 'hand_over', agent: '' }),
  end: () => ({ ...base(), kind: 'end', say: '', outcome: '' }),
}

export const emptyNode = (kind: Kind): Node => EMPTY[kind]()

export const emptyEdge = (goto: string): Edge => ({ goto, conditions: [], when: '' })
export const emptyCondition = (): Condition => ({ name: '', is: 'equal', value: '' })
export const emptyBranch = (goto: string | null = null): Branch => ({
  phrases: [],
  dtmf: null,
  set: {},
  reply: '',
  goto,
  action: 'none',
})

type Loose<T> = { [K in keyof T]?: unknown }

/** A flow as it is stored, which may leave out what has a default. */
export function completeFlow(stored: Loose<Flow>): Flow {
  const nodes = (stored.nodes ?? {}) as Record<string, Loose<Node> & { kind?: Kind }>
  return {
    start: (stored.start as string | undefined) ?? 'start',
    slots: (stored.slots as Flow['slots'] | undefined) ?? {},
    nodes: Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, completeNode(node)])),
  }
}

function completeNode(stored: Loose<Node> & { kind?: Kind }): Node {
  const node = { ...emptyNode(stored.kind ?? 'prompt'), ...stored } as Node
  if ('edges' in node) node.edges = node.edges.map(completeEdge)
  if (node.kind === 'listen') node.expect = node.expect.map((branch) => ({ ...emptyBranch(), ...branch }))
  return node
}

const completeEdge = (edge: Edge): Edge => ({
  ...emptyEdge(edge.goto),
  ...edge,
  conditions: (edge.conditions ?? []).map((condition) => ({ ...emptyCondition(), ...condition })),
})

/** Nothing was placed yet: everything lies on one spot. */
export function isUnplaced({ nodes }: Flow): boolean {
  const places = Object.values(nodes).map(({ position }) => `${position.x} ${position.y}`)
  return places.length > 1 && new Set(places).size === 1
}
