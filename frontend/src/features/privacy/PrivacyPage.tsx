/** How long what is kept, what may not go, what went, and what single people asked for. */
import { Tabs } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Page } from '@/components/Page'
import { useTab } from '@/components/useTab'
import { Holds } from './holds/Holds'
import { Purges } from './purges/Purges'
import { Requests } from './requests/Requests'
import { RetentionTab } from './retention/RetentionTab'

const TABS = ['retention', 'purges', 'requests', 'holds'] as const

export function PrivacyPage() {
  const { t } = useTranslation('privacy')
  const [tab, setTab] = useTab(TABS)
  return (
    <Page title={t('title')} lead={t('lead')}>
      {/* What is typed stays while another tab is looked at. */}
      <Tabs value={tab} onChange={setTab}>
        <Tabs.List mb="lg">
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="retention">
          <RetentionTab />
        </Tabs.Panel>
        <Tabs.Panel value="purges" keepMounted={false}>
          <Purges />
        </Tabs.Panel>
        <Tabs.Panel value="requests" keepMounted={false}>
          <Requests />
        </Tabs.Panel>
        <Tabs.Panel value="holds" keepMounted={false}>
          <Holds />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
