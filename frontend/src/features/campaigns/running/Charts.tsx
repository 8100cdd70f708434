/** A campaign over time, and how its attempts ended; each also as a table or in words. */
import { BarChart } from '@mantine/charts'
import { Box, Group, Paper, SimpleGrid, Text, Title } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { ChartCard, OTHER, PLOT, sharedBy } from '@/components/ChartCard'
import { count } from '@/components/format'
import { Loaded } from '@/components/states'
import type { Campaign } from '../shared/types'
import { type Minute, type Told, useMinutes } from './data'
import { barsOf, byCount } from './figures'
import { useWord } from './words'
import classes from './running.module.css'

export function Charts({ campaign, progress }: { campaign: Campaign; progress: Told }) {
  const minutes = useMinutes(campaign.id, campaign.state === 'running')
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Box miw={0}>
        <Loaded query={minutes} rows={5}>
          {({ results }) => <ByMinute minutes={results} />}
        </Loaded>
      </Box>
      <Outcomes progress={progress} />
    </SimpleGrid>
  )
}

function ByMinute({ minutes }: { minutes: readonly Minute[] }) {
  const { t } = useTranslation('campaigns')
  const { per, bars } = useMemo(() => barsOf(minutes), [minutes])
  const title = t('run.byMinute', { count: per })
  if (bars.length === 0)
    return (
      <Paper component="section" p="md" aria-label={title} h="100%">
        <Title order={2} size="h3" mb="xs">
          {title}
        </Title>
        <Text c="dimmed" size="sm">
          {t('run.noMinutes')}
        </Text>
      </Paper>
    )
  return (
    <ChartCard
      title={title}
      rows={bars}
      head={t('run.time')}
      columns={[
        [t('run.attempts'), (row) => count(row.attempts)],
        [t('run.connected'), (row) => count(row.connected)],
      ]}
    >
      <BarChart
        {...sharedBy(bars)}
        barChartProps={PLOT}
        series={[
          { name: 'attempts', label: t('run.attempts'), color: OTHER },
          { name: 'connected', label: t('run.connected'), color: 'var(--tl-agent)' },
        ]}
        valueFormatter={count}
        maxBarWidth={24}
        yAxisProps={{ allowDecimals: false, width: 44 }}
      />
    </ChartCard>
  )
}

function Outcomes({ progress }: { progress: Told }) {
  const { t } = useTranslation('campaigns')
  const word = useWord()
  const found = byCount(progress.outcomes)
  const all = found.reduce((sum, [, n]) => sum + n, 0)
  return (
    <Paper component="section" p="md" aria-label={t('run.outcomes')} h="100%">
      <Title order={2} size="h3" mb="sm">
        {t('run.outcomes')}
      </Title>
      {found.length === 0 && (
        <Text c="dimmed" size="sm">
          {t('run.noOutcomes')}
        </Text>
      )}
      <ul className={classes.outcomes}>
        {found.map(([outcome, n]) => (
          <li key={outcome}>
            <Group justify="space-between" gap="sm" wrap="nowrap">
              <Text size="sm">{word('outcome', outcome)}</Text>
              <Text size="sm" className="tl-mono">
                {count(n)}
              </Text>
            </Group>
            <div className={classes.track} aria-hidden>
              <span style={{ width: `${(100 * n) / all}%` }} />
            </div>
          </li>
        ))}
      </ul>
    </Paper>
  )
}
