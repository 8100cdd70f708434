/** One campaign: how far it is, live, and what can be done about it. */
import { Button, Group, Stack, Tabs, Text } from '@mantine/core'
import { IconSettings } from '@tabler/icons-react'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { Failed, Loaded, Loading } from '@/components/states'
import { useCampaign } from '../data'
import { NumberList } from '../lists/NumberList'
import { StateBadge } from '../shared/StateBadge'
import type { Campaign } from '../shared/types'
import { Charts } from './Charts'
import { Contacts } from './Contacts'
import { Controls } from './Controls'
import { useProgress } from './data'
import { Figures } from './Figures'
import { Places } from './Places'
import { ResultFiles, SetAside, Versions } from './Results'
import { WhyPaused } from './WhyPaused'

const TABS = ['progress', 'contacts', 'places', 'lists'] as const
type Tab = (typeof TABS)[number]

export function CampaignPage() {
  const { t } = useTranslation('campaigns')
  const { id = '' } = useParams({ strict: false })
  const { path } = useTenant()
  const query = useCampaign(id)
  if (query.error && asProblem(query.error).status === 404) throw query.error
  const campaign = query.data
  return (
    <Page
      title={campaign?.name ?? t('campaign')}
      lead={
        campaign && (
          <Group gap="xs">
            <StateBadge state={campaign.state} />
            <Text span inherit>
              {t('run.by', { agent: campaign.agent_name })}
            </Text>
          </Group>
        )
      }
      back={{ to: path('campaigns'), label: t('title') }}
      actions={campaign && <Controls campaign={campaign} />}
    >
      <Loaded query={query} rows={8}>
        {(found) => <Content key={found.id} campaign={found} />}
      </Loaded>
    </Page>
  )
}

function useTab(): Tab {
  const { tab } = useSearch({ strict: false }) as { tab?: unknown }
  return TABS.find((one) => one === tab) ?? 'progress'
}

function Content({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const { path } = useTenant()
  const navigate = useNavigate()
  const to = path(`campaigns/${campaign.id}`)
  return (
    <Stack gap="lg">
      <WhyPaused campaign={campaign} />
      {campaign.state === 'draft' && <Draft to={`${to}/setup`} />}
      <Tabs
        value={useTab()}
        onChange={(tab) => void navigate({ to, search: { tab } as never, replace: true })}
        keepMounted={false}
      >
        <Tabs.List>
          {TABS.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {t(`run.tab.${tab}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="progress" pt="lg">
          <Progress campaign={campaign} />
        </Tabs.Panel>
        <Tabs.Panel value="contacts" pt="lg">
          <Contacts campaign={campaign} />
        </Tabs.Panel>
        <Tabs.Panel value="places" pt="lg">
          <Places campaign={campaign.id} />
        </Tabs.Panel>
        <Tabs.Panel value="lists" pt="lg">
          <Stack gap="md">
            <Text c="dimmed" maw={640}>
              {t('dnc.ofCampaign')}
            </Text>
            <NumberList campaign={campaign.id} />
          </Stack>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

function Draft({ to }: { to: string }) {
  const { t } = useTranslation('campaigns')
  return (
    <Group>
      <Text>{t('run.draft')}</Text>
      <Button component={Link} to={to} variant="default" leftSection={<IconSettings size={16} />}>
        {t('run.goOnSetup')}
      </Button>
    </Group>
  )
}

function Progress({ campaign }: { campaign: Campaign }) {
  const { query, progress, live } = useProgress(campaign.id)
  if (!progress)
    return query.isError ? (
      <Failed error={query.error} retry={() => void query.refetch()} />
    ) : (
      <Loading rows={6} />
    )
  return (
    <Stack gap="lg">
      <Figures campaign={campaign} progress={progress} live={live} />
      <Charts campaign={campaign} progress={progress} />
      <Versions progress={progress} />
      <SetAside progress={progress} />
      {progress.contacts > 0 && <ResultFiles campaign={campaign.id} />}
    </Stack>
  )
}
