import { expect, test } from 'vitest'
import { stretches } from '@/components/talk/drawFloor'
import { beginning, deedsBetween, type FloorPoint, FloorTrack, height } from '@/components/talk/floor'

const quiet: FloorPoint = {
  at_ms: 0,
  speech: 0,
  level_db: -70,
  state: 'quiet',
  silence_ms: 0,
  endpoint_ms: 240,
  reason: '',
  agent: 'none',
}
let clock = 0
const point = (change: Partial<FloorPoint>): FloorPoint => ({ ...quiet, at_ms: (clock += 100), ...change })
const told = (...points: FloorPoint[]) => {
  const track = new FloorTrack()
  points.forEach((one) => track.push(one))
  return track
}
const deeds = (track: FloorTrack) => track.state.happened.map(({ deed }) => deed).reverse()

test('a turn that is answered early is told step by step', () => {
  const track = told(
    point({}),
    point({ state: 'speaking' }),
    point({ state: 'paused', silence_ms: 100, endpoint_ms: 240, reason: 'complete sentence' }),
    point({ state: 'paused', silence_ms: 200, reason: 'complete sentence', agent: 'making' }),
    point({ silence_ms: 300, agent: 'making' }),
    point({ silence_ms: 500, agent: 'speaking' }),
    point({}),
  )
  expect(deeds(track)).toEqual(['callerBegan', 'draftBegan', 'turnOver', 'agentBegan', 'agentDone'])
  const over = track.state.happened.find(({ deed }) => deed === 'turnOver')
  expect(over).toMatchObject({ silence_ms: 200, reason: 'complete sentence' })
})

test('a caller who goes on drops the answer that was begun', () => {
  const track = told(
    point({ state: 'paused', silence_ms: 200, agent: 'making' }),
    point({ state: 'speaking', agent: 'none' }),
  )
  expect(deeds(track)).toEqual(['draftDropped'])
})

test('a cough is waited out, words interrupt', () => {
  const speaking = point({ agent: 'speaking' })
  const held = point({ agent: 'resuming' })
  expect(deedsBetween(speaking, held)).toEqual(['held'])
  expect(deedsBetween(held, point({ agent: 'speaking' }))).toEqual(['resumed'])
  expect(deedsBetween(held, point({ agent: 'none' }))).toEqual(['interrupted'])
  expect(deedsBetween(held, point({ agent: 'making' }))).toEqual(['interrupted'])
})

test('an answer after the end of the turn is no draft', () => {
  expect(deedsBetween(point({}), point({ agent: 'making' }))).toEqual([])
})

test('only the last seconds are kept, and what came twice counts once', () => {
  const track = told(...Array.from({ length: 400 }, () => point({})))
  const [first, last] = [track.points[0]!, track.points.at(-1)!]
  expect(last.at_ms - first.at_ms).toBeLessThanOrEqual(12_000)
  const before = track.points.length
  track.push({ ...last, state: 'speaking' })
  expect(track.points.length).toBe(before)
  expect(deeds(track)).toEqual([])
})

test('listeners hear of every point and of the new beginning', () => {
  const track = new FloorTrack()
  let calls = 0
  const stop = track.subscribe(() => (calls += 1))
  track.push(point({}))
  track.clear()
  stop()
  track.push(point({}))
  expect(calls).toBe(2)
})

test('levels, the window, and what the agent did', () => {
  expect([height(-96), height(-60), height(-30), height(0)]).toEqual([0, 0, 0.5, 1])
  expect(beginning(20_000, 1_500, false)).toBe(11_500)
  // Without motion the page stands until it is full.
  expect([beginning(100, 1_500, true), beginning(8_499, 1_500, true), beginning(8_501, 1_500, true)]).toEqual(
    [0, 0, 8_500],
  )
  const points = ['none', 'making', 'making', 'speaking'].map((agent, i) => ({
    ...quiet,
    at_ms: i * 100,
    agent: agent as FloorPoint['agent'],
  }))
  expect(stretches(points)).toEqual([
    { agent: 'none', from: 0, to: 100 },
    { agent: 'making', from: 100, to: 300 },
    { agent: 'speaking', from: 300, to: 300 },
  ])
})
