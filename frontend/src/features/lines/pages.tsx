import { Page } from '@/components/Page'

export function NumbersPage() {
  return <Page title="Numbers">{null}</Page>
}

export function TrunksPage() {
  return <Page title="Trunks">{null}</Page>
}

export function TrunkPage() {
  return <Page title="Trunk">{null}</Page>
}
