import { expect, test } from 'vitest'
import { emptyBranch, emptyNode } from '@/features/agents/config/defaults'
import type { NodeForm, ScriptForm } from '@/features/agents/config/types'
import { addNode, leadTo, removeNode, renameNode, targetOf, withTarget } from '@/features/agents/script/edit'
import { shapeFault } from '@/features/agents/script/shape'

const leading = (name: string, to: string): NodeForm => ({
  ...emptyNode(name),
  expect: [{ ...emptyBranch(), phrases: ['on'], goto: to }],
  otherwise_goto: to,
})
const script: ScriptForm = {
  provider: 'script',
  start: 'menu',
  nodes: [leading('menu', 'day'), leading('day', 'menu')],
  slots: [],
}

test('a renamed node takes everything that leads to it along', () => {
  const renamed = renameNode(script, 0, 'hello')
  expect(renamed.start).toBe('hello')
  expect(renamed.nodes[1]).toMatchObject({ otherwise_goto: 'hello', expect: [{ goto: 'hello' }] })
  expect(renamed.nodes[0]).toMatchObject({ name: 'hello', otherwise_goto: 'day' })
})

test('what led to a removed node stays where it is', () => {
  const left = removeNode(script, 0)
  expect(left.start).toBe('day')
  expect(left.nodes).toMatchObject([{ name: 'day', otherwise_goto: null, expect: [{ goto: null }] }])
})

test('a new node has a name that is free', () => {
  const twice = addNode({ ...script, nodes: [...script.nodes, emptyNode('step_3')] })
  expect(twice.nodes.map((node) => node.name)).toEqual(['menu', 'day', 'step_3', 'step_4'])
  expect(leadTo(twice.nodes, 'menu')).toEqual(['day'])
})

test.each(['stay', 'end', 'node:day'])('the target %s is read as it was set', (target) => {
  expect(targetOf(withTarget(emptyBranch(), target))).toBe(target)
})

test.each([
  [{ provider: 'script', nodes: { start: {} } }, null],
  [{ provider: 'script', nodes: { start: { expect: [{ phrases: ['hi'], set: { a: 'b' } }] } } }, null],
  [[], '{}'],
  [{ provider: 'other', nodes: {} }, 'provider'],
  [{ provider: 'script' }, 'nodes'],
  [{ provider: 'script', nodes: { start: [] } }, 'nodes.start'],
  [{ provider: 'script', nodes: { start: { say: 7 } } }, 'nodes.start.say'],
  [{ provider: 'script', nodes: { start: { expect: [{ phrases: 'hi' }] } } }, 'nodes.start.expect.0'],
  [{ provider: 'script', nodes: {}, slots: { day: 'monday' } }, 'slots.day'],
])('the shape of %j is at fault at %s', (value, place) => {
  expect(shapeFault(value)).toBe(place)
})
