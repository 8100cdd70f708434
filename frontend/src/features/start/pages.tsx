import { Page } from '@/components/Page'

export function StartPage() {
  return <Page title="Start">{null}</Page>
}
