import { Badge, Group, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { count } from '@/components/format'
import { Section } from './Section'
import { type Grade, type Media, type QualityRow, grade, overall, rows } from './quality'

const COLORS: Record<Grade, string> = { good: 'petrol', fair: 'amber', poor: 'red', unknown: 'gray' }
const NAMES = { loss: 'qualityLoss', jitter: 'qualityJitter', rtt: 'qualityRtt' } as const

/** What RTP and RTCP told, in words and figures. */
export function MediaQuality({ media }: { media: Media | null }) {
  const { t } = useTranslation('calls')
  if (!media)
    return (
      <Section title={t('quality')}>
        <Text c="dimmed" size="sm">
          {t('qualityNone')}
        </Text>
      </Section>
    )
  const whole = overall(media)
  return (
    <Section title={t('quality')} end={<Badge color={COLORS[whole]}>{t(`quality_${whole}`)}</Badge>}>
      <Table
        verticalSpacing={4}
        horizontalSpacing={0}
        highlightOnHover={false}
        withRowBorders={false}
        fz="sm"
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('qualityMeasure')}</Table.Th>
            <Table.Th ta="right">{t('qualityHeard')}</Table.Th>
            <Table.Th ta="right">{t('qualitySent')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows(media).map((row) => (
            <Measure key={row.measure} row={row} />
          ))}
          <Table.Tr>
            <Table.Th fw={400}>{t('qualityPackets')}</Table.Th>
            <Table.Td ta="right" className="tl-mono">
              {count(media.rx_packets)}
            </Table.Td>
            <Table.Td ta="right" className="tl-mono">
              {count(media.tx_packets)}
            </Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Group gap="md" mt="xs">
        {media.codec && (
          <Text size="xs" c="dimmed">
            {t('qualityCodec')} <span className="tl-mono">{media.codec}</span>
          </Text>
        )}
        {media.rx_discarded > 0 && (
          <Text size="xs" c="dimmed">
            {t('qualityDiscarded')} <span className="tl-mono">{count(media.rx_discarded)}</span>
          </Text>
        )}
      </Group>
    </Section>
  )
}

function Measure({ row: { measure, received, sent } }: { row: QualityRow }) {
  const { t } = useTranslation('calls')
  return (
    <Table.Tr>
      <Table.Th fw={400}>{t(NAMES[measure])}</Table.Th>
      <Table.Td ta="right">
        <Figure measure={measure} value={received} />
      </Table.Td>
      <Table.Td ta="right">{measure !== 'rtt' && <Figure measure={measure} value={sent} />}</Table.Td>
    </Table.Tr>
  )
}

function Figure({ measure, value }: { measure: QualityRow['measure']; value: number | null }) {
  const { t } = useTranslation('calls')
  if (value === null)
    return (
      <Text span inherit c="dimmed">
        {t('quality_unknown')}
      </Text>
    )
  const how = grade(measure, value)
  const figure =
    measure === 'loss' ? t('percent', { value: value.toFixed(value < 1 ? 2 : 1) }) : `${value.toFixed(1)} ms`
  return (
    <>
      <span className="tl-mono">{figure}</span>
      {how !== 'good' && (
        <Text span inherit c={how === 'poor' ? 'var(--mantine-color-error)' : undefined}>
          {` ${t(`quality_${how}`)}`}
        </Text>
      )}
    </>
  )
}
