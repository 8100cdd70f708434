import { Page } from '@/components/Page'

export function AgentsPage() {
  return <Page title="Agents">{null}</Page>
}

export function AgentPage() {
  return <Page title="Agent">{null}</Page>
}
