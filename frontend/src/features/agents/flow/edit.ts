/** Changes of a flow. All return a new flow and leave the old one as it was. */
import { layout, NODE, type Places } from '@/components/flow/layout'
import { completeFlow, emptyBranch, emptyEdge, emptyNode, isUnplaced } from '@/components/flow/nodes'
import type { Edge, Flow, Kind, Node } from '@/components/flow/types'
import { allWays, type Way, type WayKind } from '@/components/flow/ways'
import type { ConfigForm } from '../config/types'
import { scriptFromForm } from '../config/convert'

const STEP = NODE.height + 96
const ASIDE = NODE.width + 56

/** A name that no node has yet: `say`, `say_2`, ... */
export function freshName({ nodes }: Flow, kind: Kind): string {
  if (!(kind in nodes)) return kind
  let number = 2
  while (`${kind}_${number}` in nodes) number++
  return `${kind}_${number}`
}

/** With a new node; below `after` and reached from it, where that node leads on. */
export function addNode(flow: Flow, kind: Kind, after?: string): { flow: Flow; name: string } {
  const placed = withPlaces(flow)
  const name = freshName(placed, kind)
  const before = after === undefined ? undefined : placed.nodes[after]
  const node = { ...emptyNode(kind), position: freePlace(placed, before) }
  const grown = { ...placed, nodes: { ...placed.nodes, [name]: node } }
  const joined = before && leadsOn(before) ? connect(grown, after!, 'edge', name) : grown
  return { flow: joined, name }
}

const leadsOn = (node: Node) => 'edges' in node

function freePlace({ nodes }: Flow, before: Node | undefined): { x: number; y: number } {
  const all = Object.values(nodes).map(({ position }) => position)
  const lowest = all.reduce((y, position) => Math.max(y, position.y), -STEP)
  const at = before ? { x: before.position.x, y: before.position.y + STEP } : { x: 0, y: lowest + STEP }
  const taken = () =>
    all.some(({ x, y }) => Math.abs(x - at.x) < NODE.width && Math.abs(y - at.y) < NODE.height)
  while (taken()) at.x += ASIDE
  return at
}

/** Every node at a place of its own, also when none was placed yet. */
export const withPlaces = (flow: Flow): Flow => (isUnplaced(flow) ? place(flow, layout(flow)) : flow)

export function place(flow: Flow, places: Places): Flow {
  return eachNode(flow, (node, name) => (places[name] ? { ...node, position: places[name] } : node))
}

export const tidy = (flow: Flow): Flow => place(flow, layout(flow))

export function setNode(flow: Flow, name: string, change: object): Flow {
  const node = flow.nodes[name]
  return node ? { ...flow, nodes: { ...flow.nodes, [name]: { ...node, ...change } } } : flow
}

/** The node under another name, and everything that leads to it. */
export function renameNode(flow: Flow, from: string, to: string): Flow {
  const renamed = redirect(flow, (name) => (name === from ? to : name))
  return {
    ...renamed,
    start: flow.start === from ? to : flow.start,
    nodes: Object.fromEntries(
      Object.entries(renamed.nodes).map(([name, node]) => [name === from ? to : name, node]),
    ),
  }
}

/** Without the node and the ways that lead to it. */
export function removeNode(flow: Flow, name: string): Flow {
  const { [name]: gone, ...nodes } = withPlaces(flow).nodes
  if (!gone || Object.keys(nodes).length === 0) return flow
  const start = flow.start === name ? Object.keys(nodes)[0]! : flow.start
  return redirect({ ...flow, start, nodes }, (to) => (to === name ? null : to))
}

/** Every way leads where `moved` says; null takes it away. */
function redirect(flow: Flow, moved: (to: string) => string | null): Flow {
  const target = (to: string | null) => (to === null ? null : moved(to))
  return eachNode(flow, (node) => {
    const next = { ...node }
    if ('edges' in next)
      next.edges = next.edges.flatMap((edge) => {
        const to = moved(edge.goto)
        return to === null ? [] : [{ ...edge, goto: to }]
      })
    if (next.kind === 'listen') next.expect = next.expect.map((b) => ({ ...b, goto: target(b.goto) }))
    if ('otherwise_goto' in next) next.otherwise_goto = target(next.otherwise_goto)
    if ('failed_goto' in next) next.failed_goto = target(next.failed_goto)
    return next
  })
}

export function connect(flow: Flow, from: string, kind: WayKind, to: string): Flow {
  const node = flow.nodes[from]
  if (!node) return flow
  if (kind === 'failed') return setNode(flow, from, { failed_goto: to })
  if (kind === 'otherwise') return setNode(flow, from, { otherwise_goto: to })
  if (node.kind === 'listen') return setNode(flow, from, { expect: [...node.expect, emptyBranch(to)] })
  return 'edges' in node ? setNode(flow, from, { edges: [...node.edges, emptyEdge(to)] }) : flow
}

export const wayOf = (flow: Flow, id: string): Way | undefined => allWays(flow).find((way) => way.id === id)

export function reconnect(flow: Flow, id: string, to: string): Flow {
  const way = wayOf(flow, id)
  const node = way && flow.nodes[way.from]
  if (!way || !node) return flow
  if (way.kind === 'edge') return setEdge(flow, way.from, way.index, { goto: to })
  if (way.kind !== 'branch' || node.kind !== 'listen') return connect(flow, way.from, way.kind, to)
  return setNode(flow, way.from, {
    expect: node.expect.map((branch, i) => (i === way.index ? { ...branch, goto: to } : branch)),
  })
}

export function removeWay(flow: Flow, id: string): Flow {
  const way = wayOf(flow, id)
  const node = way && flow.nodes[way.from]
  if (!way || !node) return flow
  if (way.kind === 'failed') return setNode(flow, way.from, { failed_goto: null })
  if (way.kind === 'otherwise') return setNode(flow, way.from, { otherwise_goto: null })
  if (node.kind === 'listen')
    return setNode(flow, way.from, {
      expect: node.expect.map((branch, i) => (i === way.index ? { ...branch, goto: null } : branch)),
    })
  return 'edges' in node
    ? setNode(flow, way.from, { edges: node.edges.filter((_, i) => i !== way.index) })
    : flow
}

export function setEdge(flow: Flow, from: string, index: number, change: Partial<Edge>): Flow {
  const node = flow.nodes[from]
  if (!node || !('edges' in node)) return flow
  return setNode(flow, from, {
    edges: node.edges.map((edge, i) => (i === index ? { ...edge, ...change } : edge)),
  })
}

/** The edge one place earlier (-1) or later (1): the first that applies is taken. */
export function moveEdge(flow: Flow, from: string, index: number, by: -1 | 1): Flow {
  const node = flow.nodes[from]
  if (!node || !('edges' in node)) return flow
  const edges = [...node.edges]
  const [edge] = edges.splice(index, 1)
  if (!edge || index + by < 0) return flow
  edges.splice(index + by, 0, edge)
  return setNode(flow, from, { edges })
}

function eachNode(flow: Flow, change: (node: Node, name: string) => Node): Flow {
  return {
    ...flow,
    nodes: Object.fromEntries(Object.entries(flow.nodes).map(([name, node]) => [name, change(node, name)])),
  }
}

/** Names that conditions can ask for: what nodes and tools keep, and the agent's variables. */
export function knownNames(flow: Flow, config: ConfigForm): string[] {
  const kept = Object.values(flow.nodes).flatMap((node) => {
    if (node.kind === 'listen') return node.expect.flatMap((branch) => Object.keys(branch.set))
    return 'save_as' in node && node.save_as ? [node.save_as] : []
  })
  const variables = config.variables.map(({ name }) => name.trim()).filter(Boolean)
  return [...new Set([...kept, ...Object.keys(flow.slots), ...variables])].sort()
}

/** What a flow begins with in the place of one prompt, or of a script, which becomes its steps. */
export function flowOf(config: ConfigForm, words: { task: string; done: string; goodbye: string }): Flow {
  const { model } = config
  if (model.provider === 'script') {
    const { start, nodes, slots } = scriptFromForm(model)
    const listening = Object.entries(nodes).map(([name, node]) => [name, { ...node, kind: 'listen' }])
    return tidy(completeFlow({ start, slots, nodes: Object.fromEntries(listening) as Flow['nodes'] }))
  }
  return tidy({
    start: 'start',
    slots: {},
    nodes: {
      start: {
        ...(emptyNode('prompt') as Extract<Node, { kind: 'prompt' }>),
        prompt: words.task,
        edges: [{ ...emptyEdge('end'), when: words.done }],
      },
      end: { ...(emptyNode('end') as Extract<Node, { kind: 'end' }>), say: words.goodbye },
    },
  })
}
