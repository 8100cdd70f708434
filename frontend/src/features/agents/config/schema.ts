/** A tool's arguments: their JSON schema as text, and as rows of a table wherever it can be one. */

export const ARGUMENT_TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object'] as const
export type ArgumentType = (typeof ARGUMENT_TYPES)[number]

export interface Argument {
  name: string
  type: ArgumentType
  description: string
  required: boolean
  /** The only values that it may have; empty: any. */
  choices: string[]
  /** What the table does not show (`minimum`, `items`): it is kept. */
  rest: Json
}

export interface Schema {
  args: Argument[]
  /** What the schema has beside its arguments. */
  rest: Json
}

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isType = (value: unknown): value is ArgumentType => ARGUMENT_TYPES.some((type) => type === value)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Null when all is well; `json`: it cannot be read; `schema`: it is read, but describes no arguments. */
export function problemOfSchema(text: string): 'json' | 'schema' | null {
  const value = parsed(text)
  if (!isObject(value)) return 'json'
  const { type = 'object', properties = {}, required = [] } = value
  return type === 'object' && isObject(properties) && Array.isArray(required) ? null : 'schema'
}

/** The schema as a table; null when it cannot be shown as one. */
export function readSchema(text: string): Schema | null {
  if (problemOfSchema(text)) return null
  const { properties = {}, required = [], ...rest } = parsed(text) as Json
  delete rest.type
  const args: Argument[] = []
  for (const [name, property] of Object.entries(properties as Json)) {
    const one = readArgument(name, property, (required as unknown[]).includes(name))
    if (!one) return null
    args.push(one)
  }
  return { args, rest }
}

function readArgument(name: string, property: unknown, required: boolean): Argument | null {
  if (!isObject(property)) return null
  const { type = 'string', description = '', enum: choices = [], ...rest } = property
  if (!isType(type) || typeof description !== 'string') return null
  if (!Array.isArray(choices) || !choices.every((one) => ['string', 'number'].includes(typeof one)))
    return null
  return { name, type, description, required, choices: choices.map(String), rest }
}

export function writeSchema({ args, rest }: Schema): string {
  const named = args.filter(({ name }) => name.trim())
  const properties = Object.fromEntries(named.map((one) => [one.name.trim(), writeArgument(one)]))
  const required = named.filter((one) => one.required).map(({ name }) => name.trim())
  return JSON.stringify(
    { type: 'object', properties, ...(required.length > 0 && { required }), ...rest },
    null,
    2,
  )
}

function writeArgument({ type, description, choices, rest }: Argument): Json {
  const isNumber = type === 'number' || type === 'integer'
  const values = isNumber ? choices.map(Number).filter(Number.isFinite) : choices
  return {
    type,
    ...(description && { description }),
    ...(values.length > 0 && { enum: values }),
    ...rest,
  }
}

export const emptyArgument = (): Argument => ({
  name: '',
  type: 'string',
  description: '',
  required: false,
  choices: [],
  rest: {},
})
