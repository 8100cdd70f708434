/** Everything that tells the tenant's own programs of calls, or asks them. */
import { Tabs } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Page } from '@/components/Page'
import { useTab } from '@/components/useTab'
import { Catalogue } from '../catalogue/Catalogue'
import { CallHooks } from '../hooks/CallHooks'
import { Endpoints, NewButton } from './Endpoints'

const TABS = ['endpoints', 'events', 'hooks'] as const

export function WebhooksPage() {
  const { t } = useTranslation('webhooks')
  const [tab, setTab] = useTab(TABS)
  return (
    <Page title={t('title')} lead={t('lead')} actions={tab === 'endpoints' && <NewButton />}>
      {/* What is typed in the hooks stays while another tab is looked at. */}
      <Tabs value={tab} onChange={setTab}>
        <Tabs.List mb="lg">
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="endpoints" keepMounted={false}>
          <Endpoints />
        </Tabs.Panel>
        <Tabs.Panel value="events" keepMounted={false}>
          <Catalogue />
        </Tabs.Panel>
        <Tabs.Panel value="hooks">
          <CallHooks />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
