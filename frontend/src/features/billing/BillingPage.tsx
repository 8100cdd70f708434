/** What the workspace has, spends and may spend at most; how it pays, and what it gets on paper. */
import { Tabs } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Page } from '@/components/Page'
import { useTab } from '@/components/useTab'
import { BalanceTab } from './balance/BalanceTab'
import { History } from './history/History'
import { InvoicesTab } from './invoices/InvoicesTab'
import { LimitsTab } from './limits/LimitsTab'
import { OpenStops } from './limits/OpenStops'
import { PlansTab } from './plans/PlansTab'
import { UsageTab } from './usage/UsageTab'

const TABS = ['balance', 'usage', 'limits', 'plans', 'invoices', 'history'] as const

export function BillingPage() {
  const { t } = useTranslation('billing')
  const [tab, setTab] = useTab(TABS)
  return (
    <Page title={t('title')} lead={t('lead')}>
      <OpenStops />
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List mb="lg">
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="balance">
          <BalanceTab />
        </Tabs.Panel>
        <Tabs.Panel value="usage">
          <UsageTab />
        </Tabs.Panel>
        <Tabs.Panel value="limits">
          <LimitsTab />
        </Tabs.Panel>
        <Tabs.Panel value="plans">
          <PlansTab />
        </Tabs.Panel>
        <Tabs.Panel value="invoices">
          <InvoicesTab />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
