import { Page } from '@/components/Page'

export function CallsPage() {
  return <Page title="Calls">{null}</Page>
}

export function CallPage() {
  return <Page title="Call">{null}</Page>
}

export function LivePage() {
  return <Page title="Live">{null}</Page>
}
