/** What each day cost and of what, also as a table. */
import { BarChart } from '@mantine/charts'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { ChartCard, PLOT, sharedBy } from '@/components/ChartCard'
import { count, exactMoney, money } from '@/components/format'
import { byDay, colorOf, componentsIn, type DayRow, type Usage } from './usage'
import { useComponentName } from './words'

type Column = [string, (row: DayRow) => string]

export function UsageChart({ usage: { results, currency } }: { usage: Usage }) {
  const { t } = useTranslation('billing')
  const componentName = useComponentName()
  const rows = useMemo(() => byDay(results), [results])
  const names = componentsIn(rows)
  // The names of the chart's own columns are the components'.
  const shared = sharedBy(rows.map(({ label, components }) => ({ label, ...components })))
  return (
    <ChartCard
      title={t('usage.chart')}
      rows={rows}
      head={t('usage.day')}
      columns={[
        [t('usage.calls'), (row) => count(row.calls)],
        ...names.map((name): Column => [
          componentName(name),
          (row) => exactMoney(row.components[name] ?? 0, currency),
        ]),
        [t('usage.cost'), (row) => money(row.micros, currency)],
      ]}
    >
      <BarChart
        {...shared}
        type="stacked"
        // In the order of a bill, not by the alphabet.
        legendProps={{ ...shared.legendProps, itemSorter: null }}
        barChartProps={PLOT}
        series={names.map((name, index) => ({
          name,
          label: componentName(name),
          color: colorOf(index),
        }))}
        valueFormatter={(micros) => money(Math.round(micros), currency)}
        maxBarWidth={36}
        yAxisProps={{ width: 64 }}
      />
    </ChartCard>
  )
}
