/** The vendors side by side, each with its own part of the answers. */
import { Group as Row, Paper, SegmentedControl, Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useVendorName } from '@/components/vendors/offer'
import { byVendor, type Group } from './figures'
import { Heads, Numbers } from './PartsTable'

interface VendorTableProps {
  groups: readonly Group[]
  by: 'vendor' | 'model'
  onChange: (by: 'vendor' | 'model') => void
}

export function VendorTable({ groups, by, onChange }: VendorTableProps) {
  const { t } = useTranslation(['latency', 'call', 'vendors'])
  const vendorName = useVendorName()
  const rows = byVendor(groups)
  return (
    <Paper component="section" p="md" aria-label={t('byVendor')}>
      <Row justify="space-between" mb={4} gap="xs">
        <Title order={2} size="h3">
          {t('byVendor')}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label={t('byVendor')}
          value={by}
          onChange={(value) => onChange(value as 'vendor' | 'model')}
          data={(['vendor', 'model'] as const).map((value) => ({ value, label: t(`by.${value}`) }))}
        />
      </Row>
      <Text size="sm" c="dimmed" mb="sm">
        {t('byVendorLead')}
      </Text>
      {rows.length === 0 ? (
        <Text size="sm">{t('noVendors')}</Text>
      ) : (
        <Table fz="sm">
          <Heads first={t('vendor')} second={t('measured')} />
          <Table.Tbody>
            {rows.map(({ key, kind, vendor, model, part, figures }) => (
              <Table.Tr key={key}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  {vendorName(vendor)}
                  {model && (
                    <Text size="xs" c="dimmed" className="tl-mono">
                      {model}
                    </Text>
                  )}
                  <Text size="xs" c="dimmed" hiddenFrom="sm">
                    {t('measuredOf', { kind: t(`vendors:kinds.${kind}`), part: t(`call:part_${part}`) })}
                  </Text>
                </Table.Td>
                <Table.Td visibleFrom="sm">
                  {t('measuredOf', { kind: t(`vendors:kinds.${kind}`), part: t(`call:part_${part}`) })}
                </Table.Td>
                <Numbers figures={figures} />
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Paper>
  )
}
