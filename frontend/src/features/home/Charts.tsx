/** By day: calls, minutes, response times; each also as a table. */
import { AreaChart, BarChart, LineChart } from '@mantine/charts'
import { Box, SimpleGrid } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { ChartCard, OTHER, PLOT, sharedBy } from '@/components/ChartCard'
import { count, latency } from '@/components/format'
import { type CallStats, byDay } from './stats'

export function Charts({ days }: { days: CallStats['days'] }) {
  const { t } = useTranslation('home')
  const rows = useMemo(() => byDay(days), [days])
  const shared = sharedBy(rows)
  const head = t('day')
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Box style={{ gridColumn: '1 / -1' }}>
        <ChartCard
          title={t('chartCalls')}
          rows={rows}
          head={head}
          columns={[
            [t('answered'), (row) => count(row.answered)],
            [t('unanswered'), (row) => count(row.unanswered)],
          ]}
        >
          <BarChart
            {...shared}
            type="stacked"
            barChartProps={PLOT}
            series={[
              { name: 'answered', label: t('answered'), color: 'var(--tl-agent)' },
              { name: 'unanswered', label: t('unanswered'), color: OTHER },
            ]}
            valueFormatter={count}
            maxBarWidth={36}
            yAxisProps={{ allowDecimals: false, width: 44 }}
          />
        </ChartCard>
      </Box>
      <ChartCard
        title={t('chartMinutes')}
        rows={rows}
        head={head}
        columns={[[t('minutes'), (row) => count(row.minutes)]]}
      >
        <AreaChart
          {...shared}
          areaChartProps={PLOT}
          series={[{ name: 'minutes', label: t('minutes'), color: 'var(--tl-agent)' }]}
          // One line, which the title names.
          withLegend={false}
          curveType="linear"
          fillOpacity={0.18}
          valueFormatter={count}
          withDots={rows.length <= 7}
          xAxisProps={{ ...shared.xAxisProps, padding: { left: 12, right: 12 } }}
          yAxisProps={{ width: 44 }}
        />
      </ChartCard>
      <ChartCard
        title={t('chartResponse')}
        rows={rows}
        head={head}
        columns={[
          [t('p50'), (row) => latency(row.p50)],
          [t('p95'), (row) => latency(row.p95)],
        ]}
      >
        <LineChart
          {...shared}
          lineChartProps={PLOT}
          series={[
            { name: 'p50', label: t('p50'), color: 'var(--tl-agent)' },
            // Dashes as well as the colour tell the two apart.
            { name: 'p95', label: t('p95'), color: OTHER, strokeDasharray: '6 4' },
          ]}
          curveType="linear"
          connectNulls
          valueFormatter={latency}
          xAxisProps={{ ...shared.xAxisProps, padding: { left: 12, right: 12 } }}
          yAxisProps={{ width: 64 }}
        />
      </ChartCard>
    </SimpleGrid>
  )
}
