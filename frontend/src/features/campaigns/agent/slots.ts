/** What calls of an agent collect, as far as its configuration tells. */

interface Node {
  kind?: string
  save_as?: string
}

interface Known {
  extraction?: { name: string; type: string; choices?: string[] }[]
  model?: { slots?: Record<string, string[]> }
  flow?: { slots?: Record<string, string[]>; nodes?: Record<string, Node> } | null
}

/** Values by name, each with those that it may take; none: any. */
export function slotsOf(config: object | undefined): Record<string, string[]> {
  const { extraction = [], model, flow } = (config ?? {}) as Known
  const found: Record<string, string[]> = { ...model?.slots, ...flow?.slots }
  for (const { save_as } of Object.values(flow?.nodes ?? {})) if (save_as) found[save_as] ??= []
  for (const { name, type, choices = [] } of extraction)
    found[name] = type === 'boolean' ? ['true', 'false'] : choices
  return found
}
