import { expect, test } from 'vitest'
import { fieldsOf } from '@/features/webhooks/catalogue/schema'

const shown = (data: unknown) =>
  fieldsOf({ properties: { id: { type: 'string' }, data } }).map(
    ({ path, type, required }) => `${path}${required ? '' : '?'}: ${type}`,
  )

test('fields with their types, what may be missing, and what may be null', () => {
  const data = {
    type: 'object',
    required: ['id', 'direction', 'ended_at'],
    properties: {
      id: { type: 'string' },
      direction: { enum: ['inbound', 'outbound'], type: 'string' },
      ended_at: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
      kind: { const: 'call' },
    },
  }
  expect(shown(data)).toEqual([
    'id: string',
    'direction: "inbound" | "outbound"',
    'ended_at: string (date-time) or null',
    'kind?: "call"',
  ])
})

test('what is within lists and objects', () => {
  const data = {
    required: ['turns'],
    properties: {
      turns: {
        type: 'array',
        items: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
      },
      trunk: {
        anyOf: [
          { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
          { type: 'null' },
        ],
      },
      tags: { type: 'array', items: { type: 'string' } },
    },
  }
  expect(shown(data)).toEqual([
    'turns: array of object',
    'turns[].text: string',
    'trunk?: object or null',
    'trunk.id: string',
    'tags?: array of string',
  ])
})

test('nothing of what is no schema', () => {
  expect(fieldsOf(null)).toEqual([])
  expect(fieldsOf({})).toEqual([])
})
