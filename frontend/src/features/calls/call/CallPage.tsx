import { Page } from '@/components/Page'
export function CallPage() {
  return <Page title="Call">{null}</Page>
}
