/** How a trunk did: by hour or by day, of both directions or one. */
import { Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { duration, latency, share } from '@/components/format'
import { Loaded } from '@/components/states'
import type { Trunk } from '../../data'
import live from '../live/live.module.css'
import { PERIODS, type Period, ratingOf, stepOf, type TrunkFigures } from './figures'
import { StatsCharts } from './StatsCharts'

type Direction = 'both' | 'inbound' | 'outbound'

export function TrunkStats({ trunk }: { trunk: Trunk }) {
  const { t } = useTranslation('lines')
  const [period, setPeriod] = useState<Period>('24h')
  const [direction, setDirection] = useState<Direction>('both')
  const query = useStats(trunk.id, period, direction)
  return (
    <Stack gap="md">
      <Group gap="xs">
        <SegmentedControl
          aria-label={t('period')}
          value={period}
          onChange={(value) => setPeriod(value as Period)}
          data={PERIODS.map((value) => ({ value, label: t(`periods.${value}`) }))}
        />
        {trunk.direction === 'both' && (
          <SegmentedControl
            aria-label={t('direction')}
            value={direction}
            onChange={(value) => setDirection(value as Direction)}
            data={(['both', 'inbound', 'outbound'] as const).map((value) => ({
              value,
              label: t(`directions.${value}`),
            }))}
          />
        )}
      </Group>
      <Loaded query={query} rows={8}>
        {({ totals, series }) => (
          <>
            <Totals totals={totals} />
            {totals.attempts === 0 && totals.peak === 0 ? (
              <Text size="sm" c="dimmed">
                {t('noAttempts')}
              </Text>
            ) : (
              <StatsCharts
                series={series}
                totals={totals}
                step={stepOf(period)}
                limit={trunk.max_concurrent_calls}
              />
            )}
          </>
        )}
      </Loaded>
    </Stack>
  )
}

function useStats(id: string, period: Period, direction: Direction) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const query = {
    period,
    step: stepOf(period),
    timezone: timeZone || 'UTC',
    ...(direction === 'both' ? {} : { direction }),
  }
  return $api.useQuery(
    'get',
    '/api/v1/trunks/{id}/stats',
    { params: { path: { id }, query } },
    { refetchInterval: 60_000, placeholderData: keepPreviousData },
  )
}

function Totals({ totals }: { totals: TrunkFigures }) {
  const { t } = useTranslation('lines')
  const figures: [string, string, string?][] = [
    [t('asr'), share(totals.asr), t('answeredOf', { answered: totals.answered, attempts: totals.attempts })],
    [t('acd'), totals.acd_ms === null ? '–' : duration(totals.acd_ms), t('acdHelp')],
    [t('pdd'), latency(totals.pdd_p50_ms), t('pddHelp', { p95: latency(totals.pdd_p95_ms) })],
    [
      t('mos'),
      totals.mos === null ? '–' : totals.mos.toFixed(2),
      totals.mos === null ? t('notMeasured') : t(`ratings.${ratingOf(totals.mos)}`),
    ],
    [t('peak'), String(totals.peak), t('peakHelp')],
  ]
  return (
    <dl className={live.facts}>
      {figures.map(([name, value, help]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Text fz={22} fw={600} lh={1.3}>
              {value}
            </Text>
            <Text size="xs" c="dimmed">
              {help}
            </Text>
          </dd>
        </div>
      ))}
    </dl>
  )
}
