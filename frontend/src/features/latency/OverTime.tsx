/** The same over time, each chart also as a table. */
import { BarChart, LineChart } from '@mantine/charts'
import { SegmentedControl, SimpleGrid, Stack } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ChartCard, OTHER, PLOT, sharedBy } from '@/components/ChartCard'
import { LATENCY_PARTS } from '@/components/call/LatencyBars'
import { latency } from '@/components/format'
import { byTime, type Group, type Measure, MEASURES, type TimeRow } from './figures'

// Dashes as well as the colour tell them apart.
const LINES = {
  p50_ms: { color: 'var(--tl-agent)' },
  p95_ms: { color: OTHER, strokeDasharray: '6 4' },
  p99_ms: { color: OTHER, strokeDasharray: '2 3' },
} as const

type Column = [string, (row: TimeRow) => string]

export function OverTime({ groups, step }: { groups: readonly Group[]; step: 'hour' | 'day' }) {
  const { t } = useTranslation(['latency', 'call'])
  const [measure, setMeasure] = useState<Measure>('p50_ms')
  const rows = useMemo(() => byTime(groups, step, measure), [groups, step, measure])
  const shared = sharedBy(rows)
  const parts = LATENCY_PARTS.filter((part) => rows.some((row) => row[part] !== null))
  const head = t(`steps.${step}`)
  return (
    <Stack gap="xs">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <ChartCard
          title={t('chartTotal')}
          rows={rows}
          head={head}
          columns={MEASURES.map((name): Column => [t(name), (row) => latency(row[name])])}
        >
          <LineChart
            {...shared}
            lineChartProps={PLOT}
            series={MEASURES.map((name) => ({ name, label: t(name), ...LINES[name] }))}
            curveType="linear"
            connectNulls
            valueFormatter={latency}
            xAxisProps={{ ...shared.xAxisProps, padding: { left: 12, right: 12 } }}
            yAxisProps={{ width: 64 }}
          />
        </ChartCard>
        <ChartCard
          title={t('chartParts', { measure: t(measure) })}
          rows={rows}
          head={head}
          columns={parts.map((part): Column => [t(`call:part_${part}`), (row) => latency(row[part])])}
        >
          <BarChart
            {...shared}
            type="stacked"
            // As they happen, not by the alphabet.
            legendProps={{ ...shared.legendProps, itemSorter: null }}
            barChartProps={PLOT}
            series={parts.map((part) => ({
              name: part,
              label: t(`call:part_${part}`),
              color: `var(--tl-part-${part})`,
            }))}
            valueFormatter={latency}
            maxBarWidth={36}
            yAxisProps={{ width: 64 }}
          />
        </ChartCard>
      </SimpleGrid>
      <SegmentedControl
        size="xs"
        style={{ alignSelf: 'flex-end' }}
        aria-label={t('measure')}
        value={measure}
        onChange={(value) => setMeasure(value as Measure)}
        data={MEASURES.map((value) => ({ value, label: t(value) }))}
      />
    </Stack>
  )
}
