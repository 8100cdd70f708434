/** Everything that was measured, part by part. */
import { Paper, Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { LATENCY_PARTS } from '@/components/call/LatencyBars'
import parts from '@/components/call/call.module.css'
import { count, latency } from '@/components/format'
import type { Group, Percentiles } from './figures'
import classes from './latency.module.css'

export function PartsTable({ group }: { group: Group }) {
  const { t } = useTranslation(['latency', 'call'])
  const { total } = group.parts
  return (
    <Paper component="section" p="md" aria-label={t('parts')}>
      <Title order={2} size="h3">
        {t('parts')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('partsLead', { count: group.turns })}
      </Text>
      <Table fz="sm">
        <Heads first={t('part')} />
        <Table.Tbody>
          {LATENCY_PARTS.map((part) => {
            const figures = group.parts[part]
            return (
              figures && (
                <Table.Tr key={part}>
                  <Table.Td>
                    <span className={classes.part}>
                      <span className={parts.swatch} data-part={part} aria-hidden />
                      <span>
                        {t(`call:part_${part}`)}
                        <Text size="xs" c="dimmed" visibleFrom="sm">
                          {t(`call:hint_${part}`)}
                        </Text>
                      </span>
                    </span>
                  </Table.Td>
                  <Numbers figures={figures} />
                </Table.Tr>
              )
            )
          })}
          {total && (
            <Table.Tr fw={600}>
              <Table.Td>{t('call:total')}</Table.Td>
              <Numbers figures={total} />
            </Table.Tr>
          )}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="xs">
        {t('noSum')}
      </Text>
    </Paper>
  )
}

export function Heads({ first, second }: { first: string; second?: string }) {
  const { t } = useTranslation('latency')
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th>{first}</Table.Th>
        {second && <Table.Th visibleFrom="sm">{second}</Table.Th>}
        <Table.Th ta="right">{t('p50_ms')}</Table.Th>
        <Table.Th ta="right">{t('p95_ms')}</Table.Th>
        <Table.Th ta="right">{t('p99_ms')}</Table.Th>
        <Table.Th ta="right" visibleFrom="sm">
          {t('samples')}
        </Table.Th>
      </Table.Tr>
    </Table.Thead>
  )
}

export function Numbers({ figures: { p50_ms, p95_ms, p99_ms, samples } }: { figures: Percentiles }) {
  return (
    <>
      {[p50_ms, p95_ms, p99_ms].map((ms, i) => (
        <Table.Td key={i} ta="right" className={`tl-mono ${classes.number}`}>
          {latency(ms)}
        </Table.Td>
      ))}
      <Table.Td ta="right" className="tl-mono" visibleFrom="sm">
        {count(samples)}
      </Table.Td>
    </>
  )
}
