/** Calls that were not answered, by the SIP code that said so. */
import { BarChart } from '@mantine/charts'
import { useTranslation } from 'react-i18next'
import { ChartCard, PLOT, sharedBy } from '@/components/ChartCard'
import { count } from '@/components/format'
import { codesOf, type FailureRow, failureRows, OTHERS, type PointRow, wordOf } from './figures'

// From brick to stone, so far apart that they are told from each other in both schemes; the legend and the
// tooltip name them as well. Amber and petrol are the two sides of a call and nothing else.
const SHADES = [
  'light-dark(var(--mantine-color-red-8), var(--mantine-color-red-5))',
  'light-dark(var(--mantine-color-red-5), var(--mantine-color-red-2))',
  'light-dark(var(--mantine-color-gray-8), var(--mantine-color-gray-2))',
  'light-dark(var(--mantine-color-gray-6), var(--mantine-color-gray-4))',
  'light-dark(var(--mantine-color-gray-5), var(--mantine-color-gray-6))',
  'light-dark(var(--mantine-color-gray-3), var(--mantine-color-gray-7))',
]

interface FailuresProps {
  rows: PointRow[]
  head: string
  totals: Record<string, number>
}

export function Failures({ rows, head, totals }: FailuresProps) {
  const { t } = useTranslation('lines')
  const codes = codesOf(totals)
  const shown = failureRows(rows, codes)
  const name = (code: string) => {
    const word = t(`codes.${wordOf(code)}`)
    return code === 'none' || code === OTHERS ? word : t('codeWithWord', { code, word })
  }
  return (
    <ChartCard
      title={t('chartFailures')}
      rows={shown}
      head={head}
      columns={codes.map((code): [string, (row: FailureRow) => string] => [
        name(code),
        (row) => count(Number(row[code])),
      ])}
    >
      <BarChart
        {...sharedBy(shown)}
        type="stacked"
        barChartProps={PLOT}
        series={codes.map((code, i) => ({
          name: code,
          label: name(code),
          color: SHADES[i % SHADES.length]!,
        }))}
        valueFormatter={count}
        maxBarWidth={36}
        yAxisProps={{ allowDecimals: false, width: 44 }}
      />
    </ChartCard>
  )
}
