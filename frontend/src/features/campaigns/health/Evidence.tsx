/** The figures that made a number suspect, against what is usual. */
import { Table } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { count, share } from '@/components/format'

interface Finding {
  measure: 'answer_rate' | 'short_rate' | 'blocked_rate'
  count: number
  of: number
  rate: number
  compared: { against: 'own_past' | 'others'; rate: number; of: number; p_value: number }[]
}

export function Evidence({ evidence }: { evidence: Record<string, unknown> }) {
  const { t } = useTranslation('campaigns')
  const findings = (evidence.findings ?? []) as Finding[]
  if (findings.length === 0) return null
  return (
    <Table>
      <Table.Caption>{t('health.evidence')}</Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('health.figure')}</Table.Th>
          <Table.Th>{t('health.found')}</Table.Th>
          <Table.Th>{t('health.usual')}</Table.Th>
          <Table.Th>{t('health.chance')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {findings.flatMap((finding) =>
          finding.compared.map((side) => (
            <Table.Tr key={`${finding.measure} ${side.against}`}>
              <Table.Td>{t(`health.measure.${finding.measure}`)}</Table.Td>
              <Table.Td>
                {t('health.foundOf', {
                  share: share(finding.rate),
                  count: finding.count,
                  of: count(finding.of),
                })}
              </Table.Td>
              <Table.Td>
                {t('health.usualOf', {
                  share: share(side.rate),
                  against: t(`health.against.${side.against}`),
                  of: count(side.of),
                })}
              </Table.Td>
              <Table.Td className="tl-mono">{side.p_value.toPrecision(2)}</Table.Td>
            </Table.Tr>
          )),
        )}
      </Table.Tbody>
    </Table>
  )
}
