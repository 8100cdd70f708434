import { Page } from '@/components/Page'

export function TeamPage() {
  return <Page title="Team">{null}</Page>
}

export function KeysPage() {
  return <Page title="Keys">{null}</Page>
}

export function AuditPage() {
  return <Page title="Audit">{null}</Page>
}

export function SettingsPage() {
  return <Page title="Settings">{null}</Page>
}

export function ReferencePage() {
  return <Page title="Reference">{null}</Page>
}
