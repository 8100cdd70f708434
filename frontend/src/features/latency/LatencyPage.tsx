/** How fast the agents answer: whole and part by part, over time, by agent, vendor and model. */
import { Button, Group, SegmentedControl, Select, Stack } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { IconStopwatch } from '@tabler/icons-react'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useAgents } from '@/api/choices'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { Empty, Loaded } from '@/components/states'
import { AgentTable } from './AgentTable'
import { type Period, PERIODS, stepOf } from './figures'
import { OverTime } from './OverTime'
import { PartsTable } from './PartsTable'
import { VendorTable } from './VendorTable'

export function LatencyPage() {
  const { t } = useTranslation('latency')
  const { path } = useTenant()
  const [agent, setAgent] = useAgentFilter()
  const [days, setDays] = useState<Period>(7)
  const whole = useLatency({ days, agent })
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <Group gap="xs">
          <AgentChoice value={agent} onChange={setAgent} />
          <SegmentedControl
            aria-label={t('period')}
            value={String(days)}
            onChange={(value) => setDays(Number(value) as Period)}
            data={PERIODS.map((value) => ({ value: String(value), label: t(`periods.d${value}`) }))}
          />
        </Group>
      }
    >
      <Loaded query={whole} rows={10}>
        {({ results: [all] }) =>
          all ? (
            <Stack gap="lg">
              <PartsTable group={all} />
              <OverTimeOf days={days} agent={agent} />
              {agent === null && <ByAgent days={days} onChoose={setAgent} />}
              <ByVendor days={days} agent={agent} />
            </Stack>
          ) : (
            <Empty
              icon={IconStopwatch}
              title={t('emptyTitle')}
              text={t('emptyText')}
              action={
                <Button component={Link} to={path('agents')} variant="default">
                  {t('toAgents')}
                </Button>
              }
            />
          )
        }
      </Loaded>
    </Page>
  )
}

interface Wish {
  days: Period
  agent: string | null
  group_by?: 'agent' | 'vendor' | 'model' | 'day' | 'hour'
}

function useLatency({ agent, ...wish }: Wish) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const query = { ...wish, timezone: timeZone || 'UTC', ...(agent ? { agent } : {}) }
  return $api.useQuery(
    'get',
    '/api/v1/stats/latency',
    { params: { query } },
    { refetchInterval: 60_000, placeholderData: keepPreviousData },
  )
}

function OverTimeOf({ days, agent }: { days: Period; agent: string | null }) {
  const step = stepOf(days)
  const query = useLatency({ days, agent, group_by: step })
  return <Loaded query={query}>{({ results }) => <OverTime groups={results} step={step} />}</Loaded>
}

function ByAgent({ days, onChoose }: { days: Period; onChoose: (id: string) => void }) {
  const query = useLatency({ days, agent: null, group_by: 'agent' })
  return <Loaded query={query}>{({ results }) => <AgentTable groups={results} onChoose={onChoose} />}</Loaded>
}

function ByVendor({ days, agent }: { days: Period; agent: string | null }) {
  const [by, setBy] = useState<'vendor' | 'model'>('vendor')
  const query = useLatency({ days, agent, group_by: by })
  return (
    <Loaded query={query}>
      {({ results }) => <VendorTable groups={results} by={by} onChange={setBy} />}
    </Loaded>
  )
}

/** In the address, so that an agent's own page leads here. */
function useAgentFilter(): [string | null, (id: string | null) => void] {
  const navigate = useNavigate()
  const { agent } = useSearch({ strict: false }) as { agent?: unknown }
  const set = (id: string | null) =>
    void navigate({ to: '.', search: (id ? { agent: id } : {}) as never, replace: true })
  return [typeof agent === 'string' ? agent : null, set]
}

function AgentChoice({ value, onChange }: { value: string | null; onChange: (id: string | null) => void }) {
  const { t } = useTranslation('latency')
  const { may } = useTenant()
  const agents = useAgents('', may('agents.read'))
  if (!agents.data) return null
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
      w={200}
    />
  )
}
