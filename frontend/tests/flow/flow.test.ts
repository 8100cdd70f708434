import { describe, expect, it } from 'vitest'
import type { EventBody } from '@/api/events'
import { layout } from '@/components/flow/layout'
import { completeFlow, emptyNode, isUnplaced } from '@/components/flow/nodes'
import type { Flow } from '@/components/flow/types'
import { belongs, movesIn, walkOf } from '@/components/flow/walk'
import { allWays, inOrder, labelOf, unreached, type WayWords } from '@/components/flow/ways'

/** Asks for a day; a condition sends regulars to a person, with a way back. */
const booking = (): Flow =>
  completeFlow({
    start: 'ask',
    nodes: {
      bye: { kind: 'end', say: 'Goodbye.' },
      person: { kind: 'transfer', target: 'desk', failed_goto: 'ask' },
      choose: {
        kind: 'condition',
        edges: [
          { goto: 'person', conditions: [{ name: 'day', is: 'equal', value: 'monday' }] },
          { goto: 'bye' },
        ],
      },
      ask: {
        kind: 'collect',
        ask: 'Which day?',
        save_as: 'day',
        otherwise_goto: 'bye',
        edges: [{ goto: 'choose' }],
      },
      lonely: { kind: 'say', text: 'Nobody comes here.' },
    },
  } as never)

const words: WayWords = {
  always: 'always',
  otherwise: 'otherwise',
  failed: 'failed',
  notUnderstood: 'not understood',
  set: (name) => `${name} known`,
  unset: (name) => `${name} unknown`,
  key: (digit) => `key ${digit}`,
}

describe('a stored flow', () => {
  it('has everything that may be left out', () => {
    const { nodes } = booking()
    expect(nodes.ask).toMatchObject({ attempts: 3, terminator: '#', by: 'both' })
    expect(nodes.choose).toMatchObject({ edges: [{ when: '' }, { conditions: [], when: '' }] })
  })

  it('is unplaced while all nodes lie on one spot', () => {
    const flow = booking()
    expect(isUnplaced(flow)).toBe(true)
    flow.nodes.bye!.position = { x: 10, y: 0 }
    expect(isUnplaced(flow)).toBe(false)
  })
})

describe('ways', () => {
  it('are those of edges, of failures and of what was not understood', () => {
    expect(allWays(booking()).map(({ id, to }) => `${id} ${to}`)).toEqual([
      'person:failed:0 ask',
      'choose:edge:0 person',
      'choose:edge:1 bye',
      'ask:edge:0 choose',
      'ask:otherwise:0 bye',
    ])
  })

  it('are named by what decides', () => {
    const flow = booking()
    const labels = allWays(flow).map((way) => labelOf(way, flow.nodes[way.from]!, words))
    expect(labels).toEqual(['failed', 'day = monday', 'otherwise', 'always', 'not understood'])
  })

  it('order the nodes from the start on, the unreached last', () => {
    expect(inOrder(booking())).toEqual(['ask', 'choose', 'bye', 'person', 'lonely'])
    expect(unreached(booking())).toEqual(['lonely'])
  })
})

describe('the layout', () => {
  it('puts each node below those that lead to it, ways back left aside', () => {
    const places = layout(booking())
    expect(places.ask!.y).toBeLessThan(places.choose!.y)
    expect(places.choose!.y).toBeLessThan(places.person!.y)
    expect(places.choose!.y).toBeLessThan(places.bye!.y)
  })

  it('lays no two nodes over each other', () => {
    const spots = Object.values(layout(booking())).map(({ x, y }) => `${x} ${y}`)
    expect(new Set(spots).size).toBe(5)
  })

  it('ends for nodes that lead to themselves and to each other', () => {
    const circle = booking()
    circle.nodes = {
      a: {
        ...emptyNode('say'),
        edges: [
          { goto: 'a', conditions: [], when: '' },
          { goto: 'b', conditions: [], when: '' },
        ],
      } as never,
      b: { ...emptyNode('say'), edges: [{ goto: 'a', conditions: [], when: '' }] } as never,
    }
    circle.start = 'a'
    expect(layout(circle).a!.y).toBeLessThan(layout(circle).b!.y)
  })

  it('keeps ways from crossing where the order of a layer can do that', () => {
    const say = (...to: string[]) => ({
      ...emptyNode('say'),
      edges: to.map((goto) => ({ goto, conditions: [], when: '' })),
    })
    const places = layout({
      start: 'root',
      slots: {},
      nodes: { root: say('l', 'r'), l: say('ll'), r: say('rr'), rr: say(), ll: say() } as never,
    })
    expect(Math.sign(places.l!.x - places.r!.x)).toBe(Math.sign(places.ll!.x - places.rr!.x))
  })
})

describe('a walk', () => {
  const move = (node: string, came_from = '', by = 'always'): EventBody => ({
    type: 'flow',
    node,
    came_from,
    by,
    at_ms: 0,
  })
  const events = [
    move('ask'),
    move('choose', 'ask'),
    move('person', 'choose', 'condition'),
    move('ask', 'person', 'failure'),
  ]

  it('knows where the call is, how often it was where, and the ways it took', () => {
    const walk = walkOf(booking(), movesIn(events), true)
    expect(walk.current).toBe('ask')
    expect(walk.visits).toEqual({ ask: 2, choose: 1, person: 1 })
    expect([...walk.gone].sort()).toEqual(['ask:edge:0', 'choose:edge:0', 'person:failed:0'])
  })

  it('is nowhere once the call is over', () => {
    expect(walkOf(booking(), movesIn(events), false).current).toBeNull()
  })

  it('begins anew when another agent goes on', () => {
    const over: EventBody = { type: 'handed_over', agent: 'agt_1', agent_name: 'B', version: 1, at_ms: 1 }
    const moves = movesIn([...events, over, move('hello')])
    expect(moves.map(({ node }) => node)).toEqual(['hello'])
    expect(belongs(booking(), moves)).toBe(false)
  })
})
