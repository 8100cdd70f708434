/** Agents to choose from; one that takes no calls yet says so. */

interface Named {
  id: string
  name: string
  published_version: unknown
}

export const agentChoices = (agents: readonly Named[], unpublished: string) =>
  agents.map(({ id, name, published_version }) => ({
    value: id,
    label: published_version ? name : `${name} (${unpublished})`,
  }))
