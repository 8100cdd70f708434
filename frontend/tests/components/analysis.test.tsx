import { MantineProvider } from '@mantine/core'
import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Findings } from '@/components/analysis/Outcome'
import type { Field, Value } from '@/components/analysis/types'
import { isThere, moodOf, rowsOf, shownValue, sourcesOf } from '@/components/analysis/values'
import { Values } from '@/components/analysis/Values'

afterEach(cleanup)

const field = (name: string, type: Field['type'] = 'string', required = false): Field => ({
  name,
  type,
  description: '',
  required,
  many: false,
})
const value = (change: Partial<Value>): Value => ({
  value: null,
  turn: null,
  quote: '',
  confidence: 0,
  problem: '',
  ...change,
})
const words = { yes: 'Yes', no: 'No' }

describe('extracted values', () => {
  it('stand in the order of the fields, those of fields that are gone last', () => {
    const rows = rowsOf({
      fields: [field('b'), field('a')],
      values: { a: value({ value: 1 }), old: value({ value: 2 }), b: value({ value: 3 }) },
    })
    expect(rows.map(([{ name }, one]) => [name, one?.value])).toEqual([
      ['b', 3],
      ['a', 1],
      ['old', 2],
    ])
  })

  it('are read as people write them', () => {
    expect(shownValue(false, 'boolean', words)).toBe('No')
    expect(shownValue('2026-03-05', 'date', words)).toBe('Thu 5 Mar 2026')
    expect(shownValue({ amount_micros: 12_500_000, currency: 'USD' }, 'amount', words)).toBe('$12.50')
    expect(shownValue(['a', 'b'], 'string', words)).toBe('a\nb')
    expect(shownValue(0, 'number', words)).toBe('0')
    expect(shownValue(null, 'string', words)).toBe('')
  })

  it('are there when they are no or nought, and not when a list is empty', () => {
    expect(isThere(value({ value: false }))).toBe(true)
    expect(isThere(value({ value: 0 }))).toBe(true)
    expect(isThere(value({ value: [] }))).toBe(false)
    expect(isThere(value({ problem: 'Not said.' }))).toBe(false)
    expect(isThere(undefined)).toBe(false)
  })

  it('of which there are several have the words of each', () => {
    const sources = [
      { turn: 1, quote: 'one' },
      { turn: 3, quote: 'two' },
    ]
    expect(sourcesOf(value({ turn: 1, quote: 'one', sources }))).toEqual(sources)
    expect(sourcesOf(value({ turn: null, quote: '' }))).toEqual([])
  })

  it('lead to the words they came from, and say why there is none', async () => {
    const onTurn = vi.fn()
    render(
      <MantineProvider>
        <Values
          result={{
            fields: [field('day', 'date'), field('name', 'string', true)],
            values: {
              day: value({ value: '2026-03-05', turn: 4, quote: 'on Thursday', confidence: 0.9 }),
              name: value({ problem: 'The caller did not say it.' }),
            },
          }}
          onTurn={onTurn}
        />
      </MantineProvider>,
    )
    expect(screen.getByText('90 %')).toBeTruthy()
    expect(screen.getByText('not found')).toBeTruthy()
    expect(screen.getByText('The caller did not say it.')).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: /on Thursday/ }))
    expect(onTurn).toHaveBeenCalledExactlyOnceWith(4, 'on Thursday')
  })
})

describe('goals and flags', () => {
  it('say in words what their colour says', () => {
    render(
      <MantineProvider>
        <Findings
          result={{
            reasons: [
              { criterion: 'Booked', met: true, turn: 2, words: '' },
              { criterion: 'Paid', met: false, turn: null, words: 'Nobody paid.' },
              { criterion: 'Kind', met: null, turn: null, words: '' },
            ],
            unanswered: [{ turn: 1, question: 'Is there parking?' }],
            flags: [
              { name: 'Notice', turn: null, words: 'It was not said.' },
              { name: 'incomplete', turn: null, words: 'name is missing.' },
            ],
          }}
        />
      </MantineProvider>,
    )
    const said = screen.getAllByRole('listitem').map((item) => item.textContent)
    expect(said).toEqual([
      'Booked – Met',
      'Paid – Not met: Nobody paid.',
      'Kind – Cannot be told',
      'Notice It was not said.',
      'Incomplete name is missing.',
      'Is there parking?',
    ])
  })
})

describe('moods', () => {
  it('are even around nought', () => {
    expect([0.9, 0.1, -0.2, -0.3].map(moodOf)).toEqual(['good', 'even', 'even', 'bad'])
  })
})
