/** A JSON schema as a table of fields: what a receiver finds where. The catalogue's have no references. */

export interface Field {
  /** `turns[].text`: from the top of `data`. */
  path: string
  /** In words of JSON: `string (date-time) or null`. */
  type: string
  required: boolean
  description: string
}

interface Schema {
  type?: string | string[]
  format?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  description?: string
}

/** The fields of `data` in the schema of a whole message; what is around it is the same in all. */
export function fieldsOf(schema: unknown): Field[] {
  const { properties } = (schema ?? {}) as Schema
  return within(properties?.data ?? {}, '')
}

const variantsOf = (schema: Schema): Schema[] => schema.anyOf ?? [schema]

function within(schema: Schema, prefix: string): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const path = prefix + name
    const own = {
      path,
      type: typeOf(value),
      required: schema.required?.includes(name) ?? false,
      description: value.description ?? '',
    }
    return [own, ...inner(value, path)]
  })
}

function inner(schema: Schema, path: string): Field[] {
  return variantsOf(schema).flatMap((one) =>
    one.items ? inner(one.items, `${path}[]`) : within(one, `${path}.`),
  )
}

const typeOf = (schema: Schema): string => [...new Set(variantsOf(schema).map(wordOf))].join(' or ')

function wordOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const { type, format, items } = schema
  if (Array.isArray(type)) return type.join(' or ')
  if (type === 'array') return `array of ${items ? typeOf(items) : 'any'}`
  return type && format ? `${type} (${format})` : (type ?? 'any')
}
