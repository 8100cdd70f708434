/** The frame of a chart, and the same figures as a table. */
import { ActionIcon, Group, Paper, Table, Title, Tooltip } from '@mantine/core'
import { IconChartBar, IconTable } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'

export const HEIGHT = 220
// Amber is the caller's alone: what stands beside the accent is stone.
export const OTHER = 'light-dark(var(--mantine-color-gray-5), var(--mantine-color-dark-3))'

// The table is what keyboards and screen readers get.
// Without room above, the topmost label of an axis is moved off its line.
export const PLOT = { accessibilityLayer: false, margin: { top: 12, right: 4 } }

/** A row of figures; `label` is on the axis. */
export interface Labelled {
  label: string
}

/** What charts over the same `rows` have in common. */
export function sharedBy<Row extends Labelled>(rows: Row[]) {
  return {
    h: HEIGHT,
    // Mantine's charts take any record.
    data: rows as unknown as Record<string, unknown>[],
    dataKey: 'label',
    withLegend: true,
    legendProps: { verticalAlign: 'bottom' as const },
    gridProps: { strokeDasharray: '2 4' },
    tickLine: 'none' as const,
    xAxisProps: { minTickGap: 16, interval: 'preserveStartEnd' as const },
  }
}

interface ChartCardProps<Row extends Labelled> {
  title: string
  rows: readonly Row[]
  /** Of the table's first column. */
  head: string
  columns: [string, (row: Row) => string][]
  children: ReactNode
}

/** A chart, or the same as a table, for who prefers that or cannot see the chart. */
export function ChartCard<Row extends Labelled>({
  title,
  rows,
  head,
  columns,
  children,
}: ChartCardProps<Row>) {
  const { t } = useTranslation('common')
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
                <Table.Th>{head}</Table.Th>
                {columns.map(([name]) => (
                  <Table.Th key={name} ta="right">
                    {name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.label}>
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
