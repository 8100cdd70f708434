/** One agent: its draft to work on, its versions, the numbers it answers, and a place to talk to it. */
import { Badge, Group, Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { PlaceCall } from '@/components/place/PlaceCall'
import { Loaded } from '@/components/states'
import { type OpenSuite, Suites } from '../suites/Suites'
import { Versions } from '../versions/Versions'
import { Actions } from './Actions'
import { agentQuery, type Agent, type Read } from './data'
import { Editor } from './Editor'
import { AgentFormProvider } from './form'
import { LeaveGuard } from './LeaveGuard'
import { NumbersOf } from './NumbersOf'
import { TheirsModal } from './Theirs'
import { useDraft } from './useDraft'

export function AgentPage() {
  const { t } = useTranslation('agents')
  const { tenant, path } = useTenant()
  const { id = '' } = useParams({ strict: false })
  const query = useQuery(agentQuery(tenant.id, id))
  if (query.data) return <OpenAgent key={id} read={query.data} />
  // The route's error page: there is no such agent, or it is somebody else's.
  if (query.error && asProblem(query.error).status === 404) throw query.error
  return (
    <Page title={t('agent')} back={{ to: path('agents'), label: t('title') }}>
      <Loaded query={query} rows={8}>
        {() => null}
      </Loaded>
    </Page>
  )
}

function OpenAgent({ read }: { read: Read }) {
  const { t } = useTranslation('agents')
  const { path, may } = useTenant()
  const draft = useDraft(read)
  const [tab, setTab] = useState<string | null>('draft')
  const [suite, setSuite] = useState<OpenSuite | null>(null)
  const { agent } = draft.stored
  const showRun = (open: OpenSuite) => {
    setSuite(open)
    setTab('tests')
  }
  return (
    <AgentFormProvider form={draft.form}>
      <Page
        title={draft.form.values.name || t('unnamed')}
        back={{ to: path('agents'), label: t('title') }}
        lead={<Status agent={agent} dirty={draft.dirty} />}
        actions={
          <>
            <PlaceCall agent={agent} variant="default" />
            {may('agents.write') && <Actions draft={draft} onRun={showRun} />}
          </>
        }
      >
        <Tabs value={tab} onChange={setTab} keepMounted={false}>
          <Tabs.List mb="lg">
            <Tabs.Tab value="draft">{t('draft')}</Tabs.Tab>
            <Tabs.Tab value="versions">{t('versions')}</Tabs.Tab>
            <Tabs.Tab value="tests">{t('suites.tab')}</Tabs.Tab>
            <Tabs.Tab value="numbers">{t('numbersTab')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="draft">
            <Editor draft={draft} />
          </Tabs.Panel>
          <Tabs.Panel value="versions">
            <Versions draft={draft} />
          </Tabs.Panel>
          <Tabs.Panel value="tests" keepMounted={suite !== null}>
            <Suites draft={draft} open={suite} onOpen={setSuite} />
          </Tabs.Panel>
          <Tabs.Panel value="numbers">
            <NumbersOf agent={agent} />
          </Tabs.Panel>
        </Tabs>
      </Page>
      <TheirsModal draft={draft} />
      <LeaveGuard draft={draft} />
    </AgentFormProvider>
  )
}

function Status({ agent, dirty }: { agent: Agent; dirty: boolean }) {
  const { t } = useTranslation('agents')
  return (
    <Group gap="xs" component="span" mt={4}>
      <Published agent={agent} />
      {dirty && (
        <Badge color="amber" component="span">
          {t('unsaved')}
        </Badge>
      )}
    </Group>
  )
}

/** Which version takes calls, and whether the draft has gone further. */
export function Published({ agent }: { agent: Agent }) {
  const { t } = useTranslation('agents')
  const version = agent.published_version
  if (!version)
    return (
      <Badge color="gray" component="span">
        {t('notPublished')}
      </Badge>
    )
  return (
    <>
      <Badge color="petrol" component="span">
        {t('publishedAs', { number: version.number })}
      </Badge>
      {agent.has_unpublished_changes && (
        <Badge color="amber" variant="outline" component="span">
          {t('unpublishedChanges')}
        </Badge>
      )}
    </>
  )
}
