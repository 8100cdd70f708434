/** Names under which the dialogue keeps what it hears, as far as the configuration tells. */
import type { ConfigForm } from './types'

export function collected({ model, flow, tools }: ConfigForm): string[] {
  const scripted =
    model.provider === 'script'
      ? [...model.slots, ...model.nodes.flatMap(({ expect }) => expect.flatMap(({ set }) => set))].map(
          ({ name }) => name,
        )
      : []
  const walked = Object.values(flow?.nodes ?? {}).flatMap((node) =>
    'save_as' in node && node.save_as ? [node.save_as] : [],
  )
  const kept = tools.flatMap((tool) =>
    'save' in tool
      ? tool.save.map(({ name }) => name)
      : 'save_as' in tool && tool.save_as
        ? [tool.save_as]
        : [],
  )
  const names = [...scripted, ...Object.keys(flow?.slots ?? {}), ...walked, ...kept]
  return [...new Set(names.map((name) => name.trim()).filter(Boolean))].sort()
}
