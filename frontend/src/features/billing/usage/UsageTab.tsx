/** What was spent: by day as a chart, and by agent, campaign, number or component as a table; all of it as CSV. */
import { Button, Group, SegmentedControl, Stack } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { IconChartBar, IconDownload } from '@tabler/icons-react'
import { keepPreviousData } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { Empty, Loaded } from '@/components/states'
import { type GroupBy, GROUPS, lastDays, type Period, periodOf, PERIODS, type Span } from './usage'
import { UsageChart } from './UsageChart'
import { UsageFigures } from './UsageFigures'
import { UsageTable } from './UsageTable'

export function UsageTab() {
  const { t } = useTranslation('billing')
  const { tenant } = useTenant()
  const [span, setSpan] = useState<Span>(() => lastDays(30))
  const [group, setGroup] = useState<(typeof GROUPS)[number]>('agent')
  const days = useUsage(span, 'day')
  const rows = useUsage(span, group)
  const csv = new URLSearchParams({ ...span, group_by: group, tenant: tenant.id })
  return (
    <Stack gap="lg">
      <SpanChoice span={span} onChange={setSpan} />
      <Loaded query={days} rows={8}>
        {(usage) =>
          usage.results.every(({ calls, micros }) => calls === 0 && micros === 0) ? (
            <Empty icon={IconChartBar} title={t('usage.none')} text={t('usage.noneText')} />
          ) : (
            <Stack gap="lg">
              <UsageFigures usage={usage} />
              <UsageChart usage={usage} />
              <Group justify="space-between" gap="sm">
                <SegmentedControl
                  aria-label={t('usage.group')}
                  value={group}
                  onChange={(value) => setGroup(value as (typeof GROUPS)[number])}
                  data={GROUPS.map((value) => ({ value, label: t(`usage.by.${value}`) }))}
                />
                <Button
                  component="a"
                  href={`/api/v1/billing/usage.csv?${csv}`}
                  download
                  variant="default"
                  leftSection={<IconDownload size={16} />}
                >
                  {t('csv')}
                </Button>
              </Group>
              <Loaded query={rows} rows={4}>
                {(found) => <UsageTable usage={found} group={group} />}
              </Loaded>
            </Stack>
          )
        }
      </Loaded>
    </Stack>
  )
}

function useUsage(span: Span, group_by: GroupBy) {
  return $api.useQuery(
    'get',
    '/api/v1/billing/usage',
    { params: { query: { ...span, group_by } } },
    { refetchInterval: 60_000, placeholderData: keepPreviousData },
  )
}

function SpanChoice({ span, onChange }: { span: Span; onChange: (span: Span) => void }) {
  const { t } = useTranslation('billing')
  // The second day is still to be chosen.
  const [begun, setBegun] = useState<string | null>(null)
  return (
    <Group gap="sm" align="flex-end">
      <SegmentedControl
        aria-label={t('usage.period')}
        value={String(periodOf(span) ?? '')}
        onChange={(days) => onChange(lastDays(Number(days) as Period))}
        data={PERIODS.map((days) => ({ value: String(days), label: t('usage.days', { count: days }) }))}
      />
      <DatePickerInput
        type="range"
        label={t('usage.span')}
        valueFormat="D MMM YYYY"
        allowSingleDateInRange
        maxDate={lastDays(7).until}
        value={begun ? [begun, null] : [span.from, span.until]}
        onChange={([from, until]) => {
          setBegun(until ? null : from)
          if (from && until) onChange({ from, until })
        }}
      />
    </Group>
  )
}
