/** A flow as the canvas library takes it. */
import { MarkerType, type Edge as DrawnEdge, type Node as DrawnNode } from '@xyflow/react'
import type { Editing, Selection } from './FlowCanvas'
import { layout, NODE, type Places } from './layout'
import { isUnplaced } from './nodes'
import type { Flow, Node } from './types'
import { allWays, labelOf, type Way } from './ways'
import type { FlowWords } from './words'
import type { Walk } from './walk'

export interface NodeData extends Record<string, unknown> {
  name: string
  node: Node
  start: boolean
  current: boolean
  visits: number
  faults: number
  editable: boolean
}

export interface EdgeData extends Record<string, unknown> {
  label: string
  kind: Way['kind']
  gone: boolean
  /** Which of the ways between the same two nodes this is, from 0. */
  nth: number
  onSelect?: () => void
}

interface NodeLook {
  walk: Walk
  faults: Readonly<Record<string, number>>
  dragged: Places
  selected: Selection
  words: FlowWords
  editable: boolean
}

export function drawnNodes(flow: Flow, look: NodeLook): DrawnNode<NodeData>[] {
  const places = isUnplaced(flow) ? layout(flow) : null
  return Object.entries(flow.nodes).map(([name, node]) => ({
    id: name,
    type: 'flow',
    position: look.dragged[name] ?? places?.[name] ?? node.position,
    ...NODE,
    selected: look.selected?.node === name,
    ariaLabel: look.words.nodeLabel(name, node),
    data: {
      name,
      node,
      start: flow.start === name,
      current: look.walk.current === name,
      visits: look.walk.visits[name] ?? 0,
      faults: look.faults[name] ?? 0,
      editable: look.editable,
    },
  }))
}

interface EdgeLook {
  walk: Walk
  selected: Selection
  words: FlowWords
  onSelect?: Editing['onSelect']
}

export function drawnEdges(flow: Flow, look: EdgeLook): DrawnEdge<EdgeData>[] {
  const between = new Map<string, number>()
  // A way to a node that is not there cannot be drawn; the faults tell of it.
  return allWays(flow)
    .filter(({ to }) => to in flow.nodes)
    .map((way) => {
      const pair = `${way.from} ${way.to}`
      const nth = between.get(pair) ?? 0
      between.set(pair, nth + 1)
      return drawnEdge(way, flow, nth, look)
    })
}

function drawnEdge(way: Way, flow: Flow, nth: number, look: EdgeLook): DrawnEdge<EdgeData> {
  const label = labelOf(way, flow.nodes[way.from]!, look.words.way)
  const gone = look.walk.gone.has(way.id)
  const selected = look.selected?.way === way.id
  const colour = selected || gone ? 'var(--tl-agent)' : 'var(--tl-flow-line)'
  return {
    id: way.id,
    type: 'flow',
    source: way.from,
    target: way.to,
    sourceHandle: way.kind === 'failed' || way.kind === 'otherwise' ? way.kind : 'edge',
    selected,
    ariaLabel: look.words.wayLabel(way.from, way.to, label),
    markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 16, height: 16 },
    zIndex: selected || gone ? 1 : 0,
    reconnectable: 'target',
    data: {
      label,
      kind: way.kind,
      gone,
      nth,
      onSelect: look.onSelect && (() => look.onSelect!({ way: way.id })),
    },
  }
}
