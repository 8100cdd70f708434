/** Running a tool outside a call, from a media node: what is asked, what comes back. */
import { api } from '@/api/client'
import type { components } from '@/api/schema'
import type { Schema } from '../config/schema'
import { type HttpForm, type McpForm, type SecretForm, toolFromForm } from '../config/tools'

export type Tried = components['schemas']['Trial']
export type Offered = components['schemas']['ToolList']

/** Only what was typed: the server has the others. */
const typed = (secrets: readonly SecretForm[]) =>
  Object.fromEntries(secrets.filter(({ value }) => value).map(({ name, value }) => [name.trim(), value]))

interface Trial {
  agent: string
  tool: HttpForm
  secrets: readonly SecretForm[]
  args: Record<string, unknown>
  variables: Record<string, string>
}

export async function tryTool({ agent, tool, secrets, args, variables }: Trial): Promise<Tried> {
  const { data } = await api.POST('/api/v1/agents/{id}/tools/try', {
    params: { path: { id: agent } },
    body: { tool: { ...toolFromForm(tool) }, secrets: typed(secrets), arguments: args, variables },
  })
  return data!
}

export async function listTools(
  agent: string,
  tool: McpForm,
  secrets: readonly SecretForm[],
): Promise<Offered> {
  const { data } = await api.POST('/api/v1/agents/{id}/tools/list', {
    params: { path: { id: agent } },
    body: { tool: { ...toolFromForm(tool) }, secrets: typed(secrets) },
  })
  return data!
}

/** What was typed for each argument, as text; booleans as `true`. */
export type Typed = Record<string, string>

/**
 * The arguments as JSON. An argument that was left empty is left out, like a model does; `bad`: the first
 * that cannot be read.
 */
export function argumentsOf(schema: Schema, given: Typed): { args: Record<string, unknown>; bad?: string } {
  const args: Record<string, unknown> = {}
  for (const { name, type } of schema.args) {
    const text = given[name] ?? ''
    if (!text) continue
    if (type === 'string') args[name] = text
    else
      try {
        args[name] = JSON.parse(text) as unknown
      } catch {
        return { args, bad: name }
      }
  }
  return { args }
}

/** JSON in lines, other text as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
