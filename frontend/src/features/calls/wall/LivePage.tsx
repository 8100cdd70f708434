import { Page } from '@/components/Page'
export function LivePage() {
  return <Page title="Live">{null}</Page>
}
