import { expect, test } from 'vitest'
import { canOpen, doneSteps, type Facts, nextStep } from '@/features/start/progress'

const agent = { id: 'agt_1', published_version: { number: 1 } } as Facts['agent']
const number = (to: string | null) => ({ agent: to }) as Facts['numbers'][number]
const nothing: Facts = { agent: null, numbers: [], talked: false, called: false }

test('an empty workspace begins with the agent', () => {
  const done = doneSteps(nothing)
  expect(nextStep(done, new Set())).toBe('agent')
  expect(canOpen('talk', done)).toBe(false)
})

test('a number counts when it reaches the published agent', () => {
  const draft = { ...agent, published_version: null } as Facts['agent']
  expect(doneSteps({ ...nothing, agent, numbers: [number('agt_1')] }).number).toBe(true)
  expect(doneSteps({ ...nothing, agent, numbers: [number('agt_2'), number(null)] }).number).toBe(false)
  expect(doneSteps({ ...nothing, agent: draft, numbers: [number('agt_1')] }).number).toBe(false)
})

test('what was put off is passed over', () => {
  const done = doneSteps({ ...nothing, agent })
  expect(nextStep(done, new Set())).toBe('talk')
  expect(nextStep(done, new Set(['talk']))).toBe('number')
  expect(canOpen('call', done)).toBe(false)
})

test('at the end nothing is left', () => {
  const done = doneSteps({ agent, numbers: [number('agt_1')], talked: true, called: true })
  expect(nextStep(done, new Set())).toBe(null)
})
