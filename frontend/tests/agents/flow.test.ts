import { describe, expect, it } from 'vitest'
import { completeFlow } from '@/components/flow/nodes'
import type { Flow } from '@/components/flow/types'
import { toForm } from '@/features/agents/config/convert'
import {
  addNode,
  connect,
  flowOf,
  knownNames,
  moveEdge,
  reconnect,
  removeNode,
  removeWay,
  renameNode,
} from '@/features/agents/flow/edit'
import { back, forth, noHistory, remember } from '@/features/agents/flow/history'

const flow = (): Flow =>
  completeFlow({
    start: 'hello',
    nodes: {
      hello: { kind: 'say', text: 'Hello', edges: [{ goto: 'look' }] },
      look: { kind: 'tool', tool: 'crm', save_as: 'customer', failed_goto: 'bye', edges: [{ goto: 'bye' }] },
      bye: { kind: 'end' },
    },
  } as never)

describe('changes of a flow', () => {
  it('adds a node after the one that is selected, joined to it, at a free place', () => {
    const { flow: grown, name } = addNode(flow(), 'say', 'hello')
    expect(name).toBe('say')
    expect(grown.nodes.hello).toMatchObject({ edges: [{ goto: 'look' }, { goto: 'say' }] })
    const places = Object.values(grown.nodes).map(({ position }) => `${position.x} ${position.y}`)
    expect(new Set(places).size).toBe(4)
    expect(addNode(grown, 'say').name).toBe('say_2')
  })

  it('does not join what follows an end', () => {
    expect(addNode(flow(), 'say', 'bye').flow.nodes.bye).toMatchObject({ kind: 'end' })
  })

  it('renames a node with all that leads to it', () => {
    const renamed = renameNode(flow(), 'bye', 'farewell')
    expect(renamed.nodes.look).toMatchObject({ failed_goto: 'farewell', edges: [{ goto: 'farewell' }] })
    expect(renameNode(flow(), 'hello', 'start').start).toBe('start')
    expect(Object.keys(renamed.nodes)).toEqual(['hello', 'look', 'farewell'])
  })

  it('removes a node with the ways that lead to it, but not the last one', () => {
    const less = removeNode(flow(), 'bye')
    expect(less.nodes.look).toMatchObject({ failed_goto: null, edges: [] })
    expect(removeNode(less, 'hello').start).toBe('look')
    const one: Flow = { ...flow(), nodes: { bye: flow().nodes.bye! }, start: 'bye' }
    expect(removeNode(one, 'bye')).toBe(one)
  })

  it('joins by the handle that the way was dragged from', () => {
    expect(connect(flow(), 'hello', 'edge', 'bye').nodes.hello).toMatchObject({
      edges: [{ goto: 'look' }, { goto: 'bye', conditions: [], when: '' }],
    })
    expect(connect(flow(), 'look', 'failed', 'hello').nodes.look).toMatchObject({ failed_goto: 'hello' })
  })

  it('leads a way elsewhere, and takes it away', () => {
    expect(reconnect(flow(), 'hello:edge:0', 'bye').nodes.hello).toMatchObject({ edges: [{ goto: 'bye' }] })
    expect(removeWay(flow(), 'look:failed:0').nodes.look).toMatchObject({ failed_goto: null })
    expect(removeWay(flow(), 'hello:edge:0').nodes.hello).toMatchObject({ edges: [] })
  })

  it('changes which way is asked first', () => {
    const two = connect(flow(), 'hello', 'edge', 'bye')
    expect(moveEdge(two, 'hello', 1, -1).nodes.hello).toMatchObject({
      edges: [{ goto: 'bye' }, { goto: 'look' }],
    })
    expect(moveEdge(two, 'hello', 0, -1)).toBe(two)
  })

  it('leaves the flow as it was', () => {
    const before = flow()
    removeNode(before, 'bye')
    connect(before, 'hello', 'edge', 'bye')
    expect(before).toEqual(flow())
  })

  it('knows the names that conditions can ask for', () => {
    const config = toForm({ variables: { plan: 'basic' } })
    expect(knownNames(flow(), config)).toEqual(['customer', 'plan'])
  })
})

describe('a first flow', () => {
  const words = { task: 'Help.', done: 'done', goodbye: 'Bye.' }

  it('takes over the steps of a script', () => {
    const config = toForm({})
    const made = flowOf(config, words)
    expect(made.nodes.start).toMatchObject({ kind: 'listen', expect: [{ action: 'end_call' }] })
  })

  it('is a conversation and an end for a model', () => {
    const config = toForm({ model: { provider: 'openai', model: 'gpt-x' } as never })
    const made = flowOf(config, words)
    expect(made.nodes.start).toMatchObject({ kind: 'prompt', edges: [{ goto: 'end', when: 'done' }] })
    expect(made.nodes.end).toMatchObject({ kind: 'end', say: 'Bye.' })
    expect(made.nodes.start!.position).not.toEqual(made.nodes.end!.position)
  })
})

describe('undo and redo', () => {
  it('goes back and forth, and forgets the future at a new change', () => {
    const one = remember<string>(noHistory, 'a', null)
    const [undone, present] = back(remember(one, 'b', null), 'c')!
    expect(present).toBe('b')
    expect(forth(undone, 'b')![1]).toBe('c')
    expect(remember(undone, 'b', null).future).toEqual([])
    expect(back(noHistory, 'a')).toBeNull()
  })

  it('takes typing in one field as one step', () => {
    const typed = ['a', 'ab', 'abc'].reduce(
      (history, text) => remember<string>(history, text, 'hello.text'),
      remember<string>(noHistory, '', 'x'),
    )
    expect(typed.past).toEqual(['', 'a'])
  })
})
