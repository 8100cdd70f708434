/** The OpenAPI document as the page shows it: endpoints by tag. */
import { queryOptions } from '@tanstack/react-query'
import { problemFrom } from '@/api/problem'

export interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
}

interface Operation {
  tags?: string[]
  summary?: string
  description?: string
  parameters?: (Parameter | { $ref: string })[]
  requestBody?: {
    content?: Record<string, { examples?: Record<string, { summary?: string; value: unknown }> }>
  }
}

export interface Document {
  paths: Record<string, Record<string, Operation>>
  components?: { parameters?: Record<string, Parameter> }
}

export interface Endpoint {
  id: string
  method: string
  path: string
  summary: string
  description: string
  parameters: Parameter[]
  /** The first example of a body, as text. */
  example: string | null
}

export interface Tag {
  name: string
  endpoints: Endpoint[]
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

export const documentQuery = queryOptions({
  queryKey: ['openapi'],
  staleTime: Infinity,
  queryFn: async () => {
    const response = await fetch('/api/v1/schema', { headers: { Accept: 'application/json' } })
    if (!response.ok) throw problemFrom(response, null)
    return (await response.json()) as Document
  },
})

/** In the order of the document. */
export function tagsOf(document: Document): Tag[] {
  const tags = new Map<string, Endpoint[]>()
  for (const [path, operations] of Object.entries(document.paths))
    for (const method of METHODS) {
      const operation = operations[method]
      if (!operation) continue
      const name = operation.tags?.[0] ?? ''
      tags.set(name, [...(tags.get(name) ?? []), endpointOf(document, method, path, operation)])
    }
  return [...tags].map(([name, endpoints]) => ({ name, endpoints }))
}

function endpointOf(document: Document, method: string, path: string, operation: Operation): Endpoint {
  const example = Object.values(operation.requestBody?.content?.['application/json']?.examples ?? {})[0]
  return {
    id: `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? '',
    description: operation.description ?? '',
    parameters: (operation.parameters ?? []).flatMap((parameter) => {
      if (!('$ref' in parameter)) return [parameter]
      const named = document.components?.parameters?.[parameter.$ref.split('/').pop()!]
      return named ? [named] : []
    }),
    example: example ? JSON.stringify(example.value, null, 2) : null,
  }
}

/** The endpoints in which `word` occurs, with their tags; all of them for an empty one. */
export function matching(tags: readonly Tag[], word: string): Tag[] {
  const wanted = word.trim().toLowerCase()
  if (!wanted) return [...tags]
  return tags
    .map((tag) => ({
      ...tag,
      endpoints: tag.endpoints.filter(({ method, path, summary, description }) =>
        `${tag.name} ${method} ${path} ${summary} ${description}`.toLowerCase().includes(wanted),
      ),
    }))
    .filter(({ endpoints }) => endpoints.length > 0)
}
