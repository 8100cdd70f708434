/** One endpoint: what was sent to it, its settings, how its messages are signed. The id `new` makes one. */
import { Badge, Group, Tabs } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { Copyable } from '@/components/Secret'
import { Loaded } from '@/components/states'
import { useTab } from '@/components/useTab'
import { LIVE_MS } from '../data'
import { Deliveries } from '../deliveries/Deliveries'
import { Mood } from '../list/Mood'
import { shortAddress } from '../words'
import { Disabled } from './Disabled'
import { EndpointActions } from './EndpointActions'
import { EndpointSettings } from './EndpointSettings'
import { Failing } from './Failing'
import { NewEndpoint } from './NewEndpoint'
import { Signature } from './Signature'

const TABS = ['deliveries', 'settings', 'signature'] as const

export function EndpointPage() {
  const { id = '' } = useParams({ strict: false })
  return id === 'new' ? <NewEndpoint /> : <OpenEndpoint key={id} id={id} />
}

function OpenEndpoint({ id }: { id: string }) {
  const { t } = useTranslation('webhooks')
  const { path } = useTenant()
  const [tab, setTab] = useTab(TABS)
  const query = $api.useQuery(
    'get',
    '/api/v1/webhooks/{id}',
    { params: { path: { id } } },
    { refetchInterval: LIVE_MS },
  )
  if (query.error && asProblem(query.error).status === 404) throw query.error
  const endpoint = query.data
  return (
    <Page
      title={endpoint ? endpoint.description || shortAddress(endpoint.url) : t('endpoint')}
      lead={endpoint && <Copyable value={endpoint.url} label={t('copyUrl')} />}
      back={{ to: path('webhooks'), label: t('title') }}
      actions={endpoint && <EndpointActions endpoint={endpoint} />}
    >
      <Loaded query={query} rows={8}>
        {(live) => (
          <>
            <Group gap="xs">
              <Mood endpoint={live} />
              <Badge color="gray">{t('waiting', { count: live.stats.pending })}</Badge>
              <Badge color="gray">{t('delivered24', { count: live.stats.delivered_24h })}</Badge>
              {live.stats.failed_24h > 0 && (
                <Badge color="red">{t('failed24', { count: live.stats.failed_24h })}</Badge>
              )}
            </Group>
            <Disabled endpoint={live} />
            <Failing endpoint={live} />
            <Tabs value={tab} onChange={setTab}>
              <Tabs.List mb="lg">
                {TABS.map((name) => (
                  <Tabs.Tab key={name} value={name}>
                    {t(`tabs.${name}`)}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              <Tabs.Panel value="deliveries" keepMounted={false}>
                <Deliveries endpoint={live} />
              </Tabs.Panel>
              <Tabs.Panel value="settings">
                <EndpointSettings id={id} />
              </Tabs.Panel>
              <Tabs.Panel value="signature" keepMounted={false}>
                <Signature endpoint={id} />
              </Tabs.Panel>
            </Tabs>
          </>
        )}
      </Loaded>
    </Page>
  )
}
