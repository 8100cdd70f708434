/** A trunk's figures over time, each also as a table. */
import { BarChart, LineChart } from '@mantine/charts'
import { Box, SimpleGrid } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { ChartCard, OTHER, PLOT, sharedBy } from '@/components/ChartCard'
import { count, duration, latency } from '@/components/format'
import { Failures } from './Failures'
import { byTime, type PointRow, type Step, type TrunkFigures, type TrunkStats } from './figures'

const INSET = { left: 12, right: 12 }
const OURS = 'var(--tl-agent)'
const percent = (value: number | null) => (value === null ? '–' : `${value} %`)
const seconds = (value: number | null) => (value === null ? '–' : duration(value * 1000))
const score = (value: number | null) => (value === null ? '–' : value.toFixed(2))

interface StatsChartsProps {
  series: TrunkStats['series']
  totals: TrunkFigures
  step: Step
  limit: number
}

export function StatsCharts({ series, totals, step, limit }: StatsChartsProps) {
  const { t } = useTranslation('lines')
  const rows = useMemo(() => byTime(series, step), [series, step])
  const head = t(`steps.${step}`)
  const parts = { rows, head }
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Attempts {...parts} />
      <Failures {...parts} totals={totals.failures} />
      <Line {...parts} title={t('asr')} field="asr" format={percent} domain={[0, 100]} width={56} />
      <Line {...parts} title={t('acd')} field="acd" format={seconds} width={56} />
      <Pdd {...parts} />
      <Line
        {...parts}
        title={t('mos')}
        field="mos"
        format={score}
        domain={[1, 4.5]}
        ticks={[1, 2, 3, 4]}
        width={44}
      />
      <Box style={{ gridColumn: '1 / -1' }}>
        <Peak {...parts} limit={limit} />
      </Box>
    </SimpleGrid>
  )
}

interface PartProps {
  rows: PointRow[]
  head: string
}

function Attempts({ rows, head }: PartProps) {
  const { t } = useTranslation('lines')
  return (
    <ChartCard
      title={t('chartAttempts')}
      rows={rows}
      head={head}
      columns={[
        [t('attemptsHead'), (row) => count(row.attempts)],
        [t('answered'), (row) => count(row.answered)],
      ]}
    >
      <BarChart
        {...sharedBy(rows)}
        type="stacked"
        barChartProps={PLOT}
        series={[
          { name: 'answered', label: t('answered'), color: OURS },
          { name: 'unanswered', label: t('unanswered'), color: OTHER },
        ]}
        valueFormatter={count}
        maxBarWidth={36}
        yAxisProps={{ allowDecimals: false, width: 44 }}
      />
    </ChartCard>
  )
}

interface LineProps extends PartProps {
  title: string
  field: 'asr' | 'acd' | 'mos'
  format: (value: number | null) => string
  domain?: [number, number]
  ticks?: number[]
  width: number
}

/** One line, which the title names. */
function Line({ rows, head, title, field, format, domain, ticks, width }: LineProps) {
  const shared = sharedBy(rows)
  return (
    <ChartCard title={title} rows={rows} head={head} columns={[[title, (row) => format(row[field])]]}>
      <LineChart
        {...shared}
        lineChartProps={PLOT}
        series={[{ name: field, label: title, color: OURS }]}
        withLegend={false}
        curveType="linear"
        connectNulls
        valueFormatter={format}
        xAxisProps={{ ...shared.xAxisProps, padding: INSET }}
        yAxisProps={{ width, ...(domain && { domain }), ...(ticks && { ticks, tickFormatter: String }) }}
      />
    </ChartCard>
  )
}

function Pdd({ rows, head }: PartProps) {
  const { t } = useTranslation('lines')
  const shared = sharedBy(rows)
  return (
    <ChartCard
      title={t('pdd')}
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
          { name: 'p50', label: t('p50'), color: OURS },
          // Dashes as well as the colour tell the two apart.
          { name: 'p95', label: t('p95'), color: OTHER, strokeDasharray: '6 4' },
        ]}
        curveType="linear"
        connectNulls
        valueFormatter={latency}
        xAxisProps={{ ...shared.xAxisProps, padding: INSET }}
        yAxisProps={{ width: 64 }}
      />
    </ChartCard>
  )
}

function Peak({ rows, head, limit }: PartProps & { limit: number }) {
  const { t } = useTranslation('lines')
  return (
    <ChartCard
      title={t('chartPeak')}
      rows={rows}
      head={head}
      columns={[[t('peak'), (row) => count(row.peak)]]}
    >
      <BarChart
        {...sharedBy(rows)}
        barChartProps={PLOT}
        series={[{ name: 'peak', label: t('peak'), color: OURS }]}
        withLegend={false}
        referenceLines={[
          {
            y: limit,
            label: t('limitOf', { limit: count(limit) }),
            color: OTHER,
            ifOverflow: 'extendDomain',
          },
        ]}
        valueFormatter={count}
        maxBarWidth={36}
        yAxisProps={{ allowDecimals: false, width: 44 }}
      />
    </ChartCard>
  )
}
