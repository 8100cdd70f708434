/** What came of the calls of each version, beside each other. */
import { Group, SegmentedControl, Table, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { duration, latency, share } from '@/components/format'
import { Loaded } from '@/components/states'

const DAYS = ['7', '30', '90']

export function Results({ agent }: { agent: string }) {
  const { t } = useTranslation('agents')
  const { may } = useTenant()
  const [days, setDays] = useState('30')
  const query = $api.useQuery(
    'get',
    '/api/v1/agents/{id}/versions/results',
    { params: { path: { id: agent }, query: { days: Number(days) } } },
    { enabled: may('calls.read') },
  )
  if (!may('calls.read')) return null
  return (
    <section aria-labelledby="results-title">
      <Group justify="space-between" mt="xl" mb="sm">
        <Title order={2} size="h4" id="results-title">
          {t('figures.title')}
        </Title>
        <SegmentedControl
          aria-label={t('figures.days')}
          size="xs"
          value={days}
          onChange={setDays}
          data={DAYS.map((value) => ({ value, label: t('figures.lastDays', { count: Number(value) }) }))}
        />
      </Group>
      <Loaded query={query}>
        {({ results }) =>
          results.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('figures.none')}
            </Text>
          ) : (
            <Table.ScrollContainer minWidth={620}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('version')}</Table.Th>
                    {COLUMNS.map((column) => (
                      <Table.Th key={column} ta="end">
                        {t(`figures.${column}`)}
                      </Table.Th>
                    ))}
                    <Table.Th>{t('figures.outcomes')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {results.map((one) => (
                    <Table.Tr key={one.number}>
                      <Table.Th scope="row">{t('versionNumber', { number: one.number })}</Table.Th>
                      <Table.Td ta="end">{one.calls}</Table.Td>
                      <Table.Td ta="end">{share(one.answer_rate)}</Table.Td>
                      <Table.Td ta="end">{shownMs(one.avg_duration_ms, duration)}</Table.Td>
                      <Table.Td ta="end">{shownMs(one.response_p50_ms, latency)}</Table.Td>
                      <Table.Td ta="end">{shownMs(one.response_p95_ms, latency)}</Table.Td>
                      <Table.Td ta="end">{one.transferred}</Table.Td>
                      <Table.Td>
                        {one.outcomes
                          .slice(0, 3)
                          .map(({ words, calls }) => t('figures.outcome', { words, calls }))
                          .join(' · ')}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Loaded>
    </section>
  )
}

const COLUMNS = ['calls', 'answered', 'duration', 'p50', 'p95', 'transferred'] as const
const shownMs = (ms: number | null, words: (ms: number) => string) => (ms === null ? '–' : words(ms))
