/** How the tenant's calls go: figures, by day, how they ended, what runs, what needs attention. */
import { Group, SegmentedControl, Select, SimpleGrid, Stack } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { Loaded } from '@/components/states'
import { Attention } from './Attention'
import { Charts } from './Charts'
import { Figures } from './Figures'
import { Outcomes } from './Outcomes'
import { RunningNow } from './RunningNow'
import { Welcome } from './Welcome'
import { PERIODS, type CallStats, type Period, span } from './stats'

export function HomePage() {
  const { t } = useTranslation('home')
  const [period, setPeriod] = useState<Period>(7)
  const [agent, setAgent] = useState<string | null>(null)
  const stats = useStats(period, agent)
  const isNew = useIsNew()
  const choices = (
    <Group gap="xs">
      <AgentChoice value={agent} onChange={setAgent} />
      <SegmentedControl
        aria-label={t('period')}
        value={String(period)}
        onChange={(days) => setPeriod(Number(days) as Period)}
        data={PERIODS.map((days) => ({ value: String(days), label: t('days', { count: days }) }))}
      />
    </Group>
  )
  return (
    <Page title={t('title')} lead={t('lead')} actions={!isNew && choices}>
      {isNew ? (
        <Welcome />
      ) : (
        <Loaded query={stats} rows={10}>
          {(data) => <Overview stats={data} />}
        </Loaded>
      )}
    </Page>
  )
}

function Overview({ stats }: { stats: CallStats }) {
  return (
    <Stack gap="md">
      <Figures totals={stats.totals} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Attention />
        <RunningNow />
      </SimpleGrid>
      <Charts days={stats.days} />
      <Outcomes all={stats.outcomes} />
    </Stack>
  )
}

function useStats(period: Period, agent: string | null) {
  // The day of the first look: a question that changes with the clock would be asked without end.
  const [now] = useState(() => new Date())
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const query = { ...span(period, now), timezone: timeZone || 'UTC', ...(agent ? { agent } : {}) }
  return $api.useQuery(
    'get',
    '/api/v1/stats/calls',
    { params: { query } },
    { refetchInterval: 60_000, placeholderData: keepPreviousData },
  )
}

/** Whether the tenant has no agent and has never had a call: then figures say nothing. */
function useIsNew(): boolean {
  const { may } = useTenant()
  const agents = $api.useQuery(
    'get',
    '/api/v1/agents',
    { params: { query: { limit: 1 } } },
    { enabled: may('agents.read') },
  )
  const calls = $api.useQuery('get', '/api/v1/calls', { params: { query: { limit: 1 } } })
  return agents.data?.results.length === 0 && calls.data?.results.length === 0
}

function AgentChoice({ value, onChange }: { value: string | null; onChange: (id: string | null) => void }) {
  const { t } = useTranslation('home')
  const { may } = useTenant()
  const agents = $api.useQuery(
    'get',
    '/api/v1/agents',
    { params: { query: { limit: 200 } } },
    { enabled: may('agents.read') },
  )
  if (!agents.data || agents.data.results.length < 2) return null
  return (
    <Select
      aria-label={t('agent')}
      placeholder={t('allAgents')}
      data={agents.data.results.map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      onChange={onChange}
      nothingFoundMessage={t('noAgents')}
      searchable
      clearable
      w={190}
    />
  )
}
