/** The first rows that were refused or need a look, each with its column and what is wrong. */
import { Button, Stack, Table, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Loaded } from '@/components/states'
import type { ContactImport } from '../shared/types'
import { type ReportLine, reportHref, useReport } from './reportRows'

const SHOWN = 8

export function Report({ found }: { found: ContactImport }) {
  const { t } = useTranslation('campaigns')
  const query = useReport(found.id, JSON.stringify([found.mapping, found.encoding, found.delimiter]))
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm" fw={500}>
        {t('report.title')}
      </Text>
      <Loaded query={query} rows={2}>
        {(lines) => (
          <>
            <Lines lines={lines.slice(0, SHOWN)} />
            {lines.length > SHOWN && (
              <Text size="sm" c="dimmed">
                {t('report.more')}
              </Text>
            )}
          </>
        )}
      </Loaded>
      <Button
        component="a"
        href={reportHref(found.id)}
        download
        variant="default"
        size="xs"
        leftSection={<IconDownload size={14} />}
      >
        {t('import.report')}
      </Button>
    </Stack>
  )
}

function Lines({ lines }: { lines: readonly ReportLine[] }) {
  const { t } = useTranslation('campaigns')
  return (
    <Table highlightOnHover={false} aria-label={t('report.title')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('report.row')}</Table.Th>
          <Table.Th>{t('report.column')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('report.value')}</Table.Th>
          <Table.Th>{t('report.what')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {lines.map(({ row, column, value, detail }, i) => (
          <Table.Tr key={i}>
            <Table.Td className="tl-mono">{row}</Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{column}</Table.Td>
            <Table.Td visibleFrom="sm" className="tl-mono" style={{ overflowWrap: 'anywhere' }}>
              {value}
            </Table.Td>
            <Table.Td>
              <Text size="sm">{detail}</Text>
              <Text
                size="xs"
                c="dimmed"
                className="tl-mono"
                hiddenFrom="sm"
                style={{ overflowWrap: 'anywhere' }}
              >
                {value}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
