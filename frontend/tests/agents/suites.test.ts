import { describe, expect, it } from 'vitest'
import {
  ASSERTION_KINDS,
  emptyAssertion,
  emptyCase,
  failuresByTurn,
  faultsByCase,
  freshCaseName,
} from '@/features/agents/suites/cases'

describe('cases of a test suite', () => {
  it('have names of their own', () => {
    const nth = (number: number) => `Case ${number}`
    expect(freshCaseName([], nth)).toBe('Case 1')
    expect(freshCaseName([emptyCase('Case 2')], nth)).toBe('Case 3')
    expect(freshCaseName([emptyCase('Case 1'), emptyCase('Other')], nth)).toBe('Case 3')
  })

  it('begin with something to be true, and each kind says what it is', () => {
    expect(emptyCase('x').assertions).toHaveLength(1)
    expect(ASSERTION_KINDS.map((kind) => emptyAssertion(kind).kind)).toEqual(ASSERTION_KINDS)
  })

  it('share nothing with each other', () => {
    const [one, other] = [emptyAssertion('tool_called'), emptyAssertion('tool_called')]
    expect((one as { arguments: object }).arguments).not.toBe((other as { arguments: object }).arguments)
  })

  it('count their faults by the places of the form', () => {
    const errors = {
      name: 'x',
      'cases.0.name': 'x',
      'cases.2.assertions.1.text': 'x',
      'cases.2.caller': null,
    }
    expect(faultsByCase(errors)).toEqual({ 0: 1, 2: 1 })
  })
})

describe('failed assertions', () => {
  it('stand at their turn, those of none apart', () => {
    const failures = [
      { assertion: 0, turn: 2 },
      { assertion: 1, turn: null },
      { assertion: 2, turn: 2 },
    ]
    const found = failuresByTurn(failures)
    expect(found.get(2)).toHaveLength(2)
    expect(found.get(-1)).toEqual([{ assertion: 1, turn: null }])
  })
})
