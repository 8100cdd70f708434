import { expect, test } from 'vitest'
import { emptyArgument, problemOfSchema, readSchema, writeSchema } from '@/features/agents/config/schema'
import { argumentsOf, pretty } from '@/features/agents/tools/trying'

const schema = {
  type: 'object',
  properties: {
    day: { type: 'string', description: 'The day', enum: ['monday', 'friday'] },
    people: { type: 'integer', minimum: 1 },
    outside: { type: 'boolean' },
    dishes: { type: 'array', items: { type: 'string' } },
  },
  required: ['day'],
  additionalProperties: false,
}
const text = JSON.stringify(schema, null, 2)

test('a schema survives the table, with what the table does not show', () => {
  const read = readSchema(text)!
  expect(read.args.map(({ name, type, required }) => [name, type, required])).toEqual([
    ['day', 'string', true],
    ['people', 'integer', false],
    ['outside', 'boolean', false],
    ['dishes', 'array', false],
  ])
  expect(JSON.parse(writeSchema(read))).toEqual(schema)
})

test('a row without a name is no argument yet; choices of numbers are numbers', () => {
  const read = readSchema(text)!
  const people = { ...read.args[1]!, choices: ['2', '4', 'x'] }
  const written = JSON.parse(writeSchema({ args: [people, emptyArgument()], rest: {} })) as object
  expect(written).toEqual({
    type: 'object',
    properties: { people: { type: 'integer', minimum: 1, enum: [2, 4] } },
  })
})

test('what is no schema of arguments is told from what cannot be read', () => {
  expect(problemOfSchema(text)).toBeNull()
  expect(problemOfSchema('{')).toBe('json')
  expect(problemOfSchema('[]')).toBe('json')
  expect(problemOfSchema('{"type": "string"}')).toBe('schema')
  expect(problemOfSchema('{"properties": 5}')).toBe('schema')
})

test('what a table cannot show is left to JSON', () => {
  expect(readSchema('{"type":"object","properties":{"a":{"type":["string","null"]}}}')).toBeNull()
  expect(readSchema('{"type":"object","properties":{"a":true}}')).toBeNull()
})

test('arguments to try a tool with have the types of the schema, and what is empty is left out', () => {
  const read = readSchema(text)!
  const given = { day: 'friday', people: '4', outside: 'true', dishes: '["soup"]' }
  expect(argumentsOf(read, given)).toEqual({
    args: { day: 'friday', people: 4, outside: true, dishes: ['soup'] },
  })
  expect(argumentsOf(read, { day: '5' })).toEqual({ args: { day: '5' } })
  expect(argumentsOf(read, { dishes: '[' }).bad).toBe('dishes')
})

test('JSON is shown in lines, other text as it is', () => {
  expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}')
  expect(pretty('<p>no</p>')).toBe('<p>no</p>')
})
