/** The way that a call takes through a flow, from its `flow` events. */
import type { EventBody } from '@/api/events'
import type { Flow, Move } from './types'
import { allWays } from './ways'

export interface Walk {
  /** Where the call is; null before it has begun, and once it is over. */
  current: string | null
  /** How often each node was entered. */
  visits: Readonly<Record<string, number>>
  /** Ids of the ways that were gone. */
  gone: ReadonlySet<string>
}

export const nowhere: Walk = { current: null, visits: {}, gone: new Set() }

/** The moves since the last hand-over: before it they were in another agent's flow. */
export function movesIn(events: readonly EventBody[]): Move[] {
  const moves: Move[] = []
  for (const event of events) {
    if (event.type === 'handed_over') moves.length = 0
    if (event.type === 'flow') moves.push(event)
  }
  return moves
}

export function walkOf(flow: Flow, moves: readonly Move[], live: boolean): Walk {
  const ways = allWays(flow)
  const visits: Record<string, number> = {}
  const gone = new Set<string>()
  for (const { node, came_from, by } of moves) {
    visits[node] = (visits[node] ?? 0) + 1
    const between = ways.filter(({ from, to }) => from === came_from && to === node)
    // Of several ways between two nodes, what moved the call tells which it was, as far as it can.
    const way = between.find(({ kind }) => (kind === 'failed') === (by === 'failure')) ?? between[0]
    if (way) gone.add(way.id)
  }
  return { current: live ? (moves.at(-1)?.node ?? null) : null, visits, gone }
}

/** Whether the flow is the one that these moves were made in, as far as its names tell. */
export const belongs = (flow: Flow, moves: readonly Move[]) =>
  moves.length > 0 && moves.every(({ node }) => node in flow.nodes)
