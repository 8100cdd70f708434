/** By day: calls, minutes, response times; each also as a table. */
import { AreaChart, BarChart, LineChart } from '@mantine/charts'
import { ActionIcon, Box, Group, Paper, SimpleGrid, Table, Title, Tooltip } from '@mantine/core'
import { IconChartBar, IconTable } from '@tabler/icons-react'
import { type ReactNode, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { count, latency } from '@/components/format'
import { type CallStats, type DayRow, byDay } from './stats'

const HEIGHT = 220
// Amber is the caller's alone: what stands beside the accent is stone.
const OTHER = 'light-dark(var(--mantine-color-gray-5), var(--mantine-color-dark-3))'

// The table is what keyboards and screen readers get.
// Without room above, the topmost label of an axis is moved off its line.
const PLOT = { accessibilityLayer: false, margin: { top: 12, right: 4 } }

export function Charts({ days }: { days: CallStats['days'] }) {
  const { t } = useTranslation('home')
  const rows = useMemo(() => byDay(days), [days])
  const shared = {
    h: HEIGHT,
    data: rows,
    dataKey: 'label',
    withLegend: true,
    legendProps: { verticalAlign: 'bottom' as const },
    gridProps: { strokeDasharray: '2 4' },
    tickLine: 'none' as const,
    xAxisProps: { minTickGap: 16, interval: 'preserveStartEnd' as const },
  }
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Box style={{ gridColumn: '1 / -1' }}>
        <ChartCard
          title={t('chartCalls')}
          rows={rows}
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

interface ChartCardProps {
  title: string
  rows: readonly DayRow[]
  columns: [string, (row: DayRow) => string][]
  children: ReactNode
}

/** A chart, or the same as a table, for who prefers that or cannot see the chart. */
function ChartCard({ title, rows, columns, children }: ChartCardProps) {
  const { t } = useTranslation('home')
  const [table, setTable] = useState(false)
  const label = t(table ? 'showChart' : 'showTable')
  return (
    <Paper component="section" p="md" aria-label={title} h="100%">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h3">
          {title}
        </Title>
        <Tooltip label={label}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`${title}: ${label}`}
            onClick={() => setTable(!table)}
          >
            {table ? <IconChartBar size={17} /> : <IconTable size={17} />}
          </ActionIcon>
        </Tooltip>
      </Group>
      {table ? (
        <Table.ScrollContainer minWidth={0} maxHeight={HEIGHT} type="native">
          <Table stickyHeader fz="sm" verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('day')}</Table.Th>
                {columns.map(([name]) => (
                  <Table.Th key={name} ta="right">
                    {name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.date}>
                  <Table.Td>{row.label}</Table.Td>
                  {columns.map(([name, value]) => (
                    <Table.Td key={name} ta="right" className="tl-mono">
                      {value(row)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ) : (
        <div aria-hidden>{children}</div>
      )}
    </Paper>
  )
}
