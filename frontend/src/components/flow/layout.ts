/**
 * A layered layout from top to bottom: each node one layer below the farthest that leads to it, ways back
 * left aside, the nodes of a layer ordered by those above and below them, each layer centred.
 */
import type { Flow } from './types'
import { allWays, inOrder } from './ways'

export const NODE = { width: 224, height: 84 } as const
const GAP = { x: 56, y: 96 } as const
const SWEEPS = 6

export type Places = Record<string, { x: number; y: number }>

interface Link {
  from: string
  to: string
}

export function layout(flow: Flow): Places {
  const order = inOrder(flow)
  const links = forward(flow, order)
  const layers = ordered(layered(order, links), links)
  const places: Places = {}
  layers.forEach((layer, row) => {
    const width = layer.length * NODE.width + (layer.length - 1) * GAP.x
    layer.forEach((name, i) => {
      places[name] = {
        x: Math.round(i * (NODE.width + GAP.x) - width / 2),
        y: row * (NODE.height + GAP.y),
      }
    })
  })
  return places
}

/** The ways without those that lead back to where a path has been. */
function forward(flow: Flow, order: string[]): Link[] {
  const out = new Map<string, string[]>(order.map((name) => [name, []]))
  for (const { from, to } of allWays(flow)) if (to in flow.nodes && to !== from) out.get(from)!.push(to)
  const links: Link[] = []
  const state = new Map<string, 'open' | 'closed'>()
  const visit = (name: string) => {
    state.set(name, 'open')
    for (const to of out.get(name)!) {
      if (state.get(to) === 'open') continue
      links.push({ from: name, to })
      if (!state.has(to)) visit(to)
    }
    state.set(name, 'closed')
  }
  for (const name of order) if (!state.has(name)) visit(name)
  return links
}

/** The longest way from above decides the layer. */
function layered(order: string[], links: Link[]): string[][] {
  const depth = new Map<string, number>(order.map((name) => [name, 0]))
  // There are no circles left: so many rounds suffice.
  for (let round = 0; round < order.length; round++) {
    let moved = false
    for (const { from, to } of links)
      if (depth.get(to)! <= depth.get(from)!) {
        depth.set(to, depth.get(from)! + 1)
        moved = true
      }
    if (!moved) break
  }
  const layers: string[][] = []
  for (const name of order) (layers[depth.get(name)!] ??= []).push(name)
  return layers
}

/** Each layer by the mean place of its neighbours, downwards and upwards in turn. */
function ordered(layers: string[][], links: Link[]): string[][] {
  const above = new Map<string, string[]>()
  const below = new Map<string, string[]>()
  for (const { from, to } of links) {
    above.set(to, [...(above.get(to) ?? []), from])
    below.set(from, [...(below.get(from) ?? []), to])
  }
  const place = new Map<string, number>()
  const note = (layer: string[]) => layer.forEach((name, i) => place.set(name, i - (layer.length - 1) / 2))
  layers.forEach(note)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0
    for (const layer of down ? layers : [...layers].reverse()) {
      const wish = new Map(layer.map((name) => [name, mean((down ? above : below).get(name), place, name)]))
      layer.sort((a, b) => wish.get(a)! - wish.get(b)!)
      note(layer)
    }
  }
  return layers
}

function mean(names: string[] | undefined, place: Map<string, number>, self: string): number {
  if (!names?.length) return place.get(self)!
  return names.reduce((sum, name) => sum + place.get(name)!, 0) / names.length
}
