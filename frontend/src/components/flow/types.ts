/** An agent as a graph, as the API has it (media_workers/contract/flow.py). */

export const COMPARISONS = ['equal', 'different', 'set', 'unset', 'greater', 'less', 'contains'] as const
export type Comparison = (typeof COMPARISONS)[number]

export interface Condition {
  name: string
  is: Comparison
  value: string
}

export interface Edge {
  goto: string
  conditions: Condition[]
  /** In words: the model decides. */
  when: string
}

export interface Branch {
  phrases: string[]
  dtmf: string | null
  set: Record<string, string>
  reply: string
  goto: string | null
  action: 'none' | 'end_call'
}

interface Base {
  label: string
  position: { x: number; y: number }
}

export interface PromptNode extends Base {
  kind: 'prompt'
  prompt: string
  say: string
  /** Null: all of the agent's. */
  tools: string[] | null
  edges: Edge[]
}

export interface SayNode extends Base {
  kind: 'say'
  text: string
  edges: Edge[]
}

export const VALUE_TYPES = ['text', 'digits', 'number', 'yes_no', 'choice'] as const
export const WAYS_OF_ANSWERING = ['both', 'voice', 'keys'] as const

export interface CollectNode extends Base {
  kind: 'collect'
  ask: string
  save_as: string
  type: (typeof VALUE_TYPES)[number]
  choices: string[]
  by: (typeof WAYS_OF_ANSWERING)[number]
  min_digits: number
  max_digits: number
  terminator: string
  sensitive: boolean
  attempts: number
  again: string
  otherwise_goto: string | null
  edges: Edge[]
}

export interface ListenNode extends Base {
  kind: 'listen'
  say: string
  expect: Branch[]
  otherwise: string
  otherwise_limit: number
  otherwise_goto: string | null
}

export interface ConditionNode extends Base {
  kind: 'condition'
  edges: Edge[]
}

export interface ToolNode extends Base {
  kind: 'tool'
  tool: string
  arguments: Record<string, string>
  save_as: string | null
  failed_goto: string | null
  edges: Edge[]
}

export interface TransferNode extends Base {
  kind: 'transfer'
  target: string
  failed_goto: string | null
}

export interface HandOverNode extends Base {
  kind: 'hand_over'
  agent: string
}

export interface EndNode extends Base {
  kind: 'end'
  say: string
  outcome: string
}

export type Node =
  | PromptNode
  | SayNode
  | CollectNode
  | ListenNode
  | ConditionNode
  | ToolNode
  | TransferNode
  | HandOverNode
  | EndNode
export type Kind = Node['kind']

export interface Flow {
  start: string
  nodes: Record<string, Node>
  slots: Record<string, string[]>
}

/** In the order of the palette. */
export const KINDS: readonly Kind[] = [
  'prompt',
  'say',
  'collect',
  'condition',
  'tool',
  'transfer',
  'hand_over',
  'listen',
  'end',
]

/** A node's move in a call, from its `flow` events. */
export interface Move {
  node: string
  came_from: string
  by: string
  at_ms: number
}
