import { expect, test } from 'vitest'
import { encodingsWith } from '@/features/campaigns/audience/dialects'
import { cellsOf, linesOf } from '@/features/campaigns/audience/reportRows'
import { slotsOf } from '@/features/campaigns/agent/slots'
import { savingOf } from '@/features/campaigns/setup/useSetup'
import type { Theirs } from '@/features/campaigns/setup/useSetup'

test('a report is read by its rows, with quotes and line breaks inside cells, and without a last one cut off', () => {
  const csv =
    'row,column,value,reason,detail\r\n4,Phone,"a ""b"", c",not_a_number,"Two\nlines"\r\n7,Phone,,no_number,x\r\n9,Ph'
  expect(linesOf(csv)).toEqual([
    { row: '4', column: 'Phone', value: 'a "b", c', reason: 'not_a_number', detail: 'Two\nlines' },
    { row: '7', column: 'Phone', value: '', reason: 'no_number', detail: 'x' },
  ])
  expect(cellsOf('')).toEqual([])
  expect(cellsOf('a,b\n1,"open')).toEqual([['a', 'b']])
})

test('an encoding that was found and is seldom is among those to choose from', () => {
  expect(encodingsWith('cp1252').filter(({ value }) => value === 'cp1252')).toHaveLength(1)
  expect(encodingsWith('utf-8-sig')[0]).toEqual({ value: 'utf-8-sig', label: 'utf-8-sig' })
})

test('what an agent notes: what is extracted, its slots, and what its flow asks for', () => {
  expect(slotsOf(undefined)).toEqual({})
  expect(
    slotsOf({
      extraction: [
        { name: 'coming', type: 'boolean' },
        { name: 'day', type: 'enum', choices: ['monday', 'friday'] },
        { name: 'remark', type: 'string', choices: [] },
      ],
      model: { slots: { party: ['two', 'four'] } },
      flow: { slots: {}, nodes: { ask: { kind: 'collect', save_as: 'birthday' }, bye: { kind: 'end' } } },
    }),
  ).toEqual({
    party: ['two', 'four'],
    birthday: [],
    coming: ['true', 'false'],
    day: ['monday', 'friday'],
    remark: [],
  })
})

test('how saving stands: a conflict is told before what is typed, and what was refused is not called unsaved', () => {
  const still = { busy: false, theirs: null, changes: null, refused: false }
  const theirs = { by: '' } as Theirs
  expect(savingOf(still)).toBe('saved')
  expect(savingOf({ ...still, changes: { name: 'x' } })).toBe('unsaved')
  expect(savingOf({ ...still, changes: { name: 'x' }, refused: true })).toBe('refused')
  expect(savingOf({ ...still, changes: { name: 'x' }, theirs })).toBe('conflict')
  expect(savingOf({ ...still, changes: { name: 'x' }, theirs, busy: true })).toBe('saving')
})
