/** One leg's figures by direction, and its MOS over the call. */
import { Table, Text } from '@mantine/core'
import { Sparkline } from '@mantine/charts'
import { useTranslation } from 'react-i18next'
import { type Leg, type Measure, type QualityRow, figure, grade, mosOverTime, rows } from './quality'

const NAMES = {
  mos: 'qualityMosName',
  loss: 'qualityLoss',
  jitter: 'qualityJitter',
  jitterMax: 'qualityJitterMax',
  discarded: 'qualityDiscarded',
  empty: 'qualityEmpty',
  packets: 'qualityPackets',
  rtt: 'qualityRtt',
} as const satisfies Record<Measure, string>

export function LegFigures({ leg }: { leg: Leg }) {
  const { t } = useTranslation('calls')
  const figures = rows(leg)
  if (figures.length === 0) return null
  return (
    <>
      <Table
        verticalSpacing={4}
        horizontalSpacing={0}
        highlightOnHover={false}
        withRowBorders={false}
        fz="sm"
        mb="xs"
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('qualityMeasure')}</Table.Th>
            <Table.Th ta="right">{t('qualityHeard')}</Table.Th>
            <Table.Th ta="right">{t('qualitySent')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {figures.map((row) => (
            <Figures key={row.measure} row={row} />
          ))}
        </Table.Tbody>
      </Table>
      <MosChart leg={leg} />
    </>
  )
}

function Figures({ row: { measure, received, sent, both } }: { row: QualityRow }) {
  const { t } = useTranslation('calls')
  return (
    <Table.Tr>
      <Table.Th fw={400}>{t(NAMES[measure])}</Table.Th>
      <Table.Td ta="right" colSpan={both ? 2 : 1}>
        <Figure measure={measure} value={received} />
      </Table.Td>
      {!both && (
        <Table.Td ta="right">
          <Figure measure={measure} value={sent} />
        </Table.Td>
      )}
    </Table.Tr>
  )
}

function Figure({ measure, value }: { measure: Measure; value: number | null }) {
  const { t } = useTranslation('calls')
  if (value === null)
    return (
      <Text span inherit c="dimmed">
        {t('quality_unknown')}
      </Text>
    )
  const how = grade(measure, value)
  return (
    <>
      <span className="tl-mono">{figure(measure, value)}</span>
      {(how === 'fair' || how === 'poor') && (
        <Text span inherit c={how === 'poor' ? 'var(--mantine-color-error)' : undefined}>
          {` ${t(`quality_${how}`)}`}
        </Text>
      )}
    </>
  )
}

function MosChart({ leg }: { leg: Leg }) {
  const { t } = useTranslation('calls')
  const points = mosOverTime(leg)
  if (points.length === 0) return null
  const values = points.map(({ mos }) => mos)
  const label = t('qualitySeries', {
    least: Math.min(...values).toFixed(2),
    most: Math.max(...values).toFixed(2),
  })
  return (
    <figure style={{ margin: '0 0 var(--mantine-spacing-xs)' }}>
      <div aria-hidden>
        <Sparkline
          h={36}
          data={values}
          curveType="linear"
          color="petrol.6"
          fillOpacity={0.15}
          strokeWidth={1.5}
        />
      </div>
      <Text component="figcaption" size="xs" c="dimmed">
        {label}
      </Text>
    </figure>
  )
}
