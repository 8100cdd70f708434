/** The figures of one caller number, its days, its rests with their evidence, and setting it to rest. */
import { BarChart } from '@mantine/charts'
import { Button, Group, Stack, Table, Text, Title } from '@mantine/core'
import { DateTimePicker } from '@mantine/dates'
import { useQueryClient } from '@tanstack/react-query'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import { May } from '@/api/session'
import { ChartCard, OTHER, PLOT, sharedBy } from '@/components/ChartCard'
import { done, failed } from '@/components/forms'
import { count, phone, share } from '@/components/format'
import { Loaded } from '@/components/states'
import { Evidence } from './Evidence'

type Health = components['schemas']['CallerNumberHealth']
type Figures = components['schemas']['CallerFigures']
type Row = components['schemas']['CallerDay'] & { label: string }

export function Details({ id }: { id: string }) {
  const query = $api.useQuery('get', '/api/v1/numbers/{id}/health', { params: { path: { id } } })
  return (
    <Loaded query={query} rows={5}>
      {(health) => (
        <Stack gap="md">
          <Compared health={health} />
          <Days health={health} />
          <Rests health={health} />
          <May permission="campaigns.write">
            <Resting health={health} />
          </May>
        </Stack>
      )}
    </Loaded>
  )
}

const MEASURES = ['answered', 'short', 'blocked'] as const

function Compared({ health }: { health: Health }) {
  const { t } = useTranslation('campaigns')
  const sides = ['today', 'past', 'others'] as const
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('health.figure')}</Table.Th>
          {sides.map((side) => (
            <Table.Th key={side} ta="right">
              {t(`health.${side}`)}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        <Table.Tr>
          <Table.Td>{t('health.attempts')}</Table.Td>
          {sides.map((side) => (
            <Table.Td key={side} ta="right" className="tl-mono">
              {count(health[side].attempts)}
            </Table.Td>
          ))}
        </Table.Tr>
        {MEASURES.map((measure) => (
          <Table.Tr key={measure}>
            <Table.Td>{t(`health.${measure}`)}</Table.Td>
            {sides.map((side) => (
              <Table.Td key={side} ta="right" className="tl-mono">
                <Rate figures={health[side]} measure={measure} />
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

/** Who hung up at once is a share of who answered. */
function Rate({ figures, measure }: { figures: Figures; measure: (typeof MEASURES)[number] }) {
  const { t } = useTranslation('campaigns')
  const of = measure === 'short' ? figures.answered : figures.attempts
  return t('health.of', {
    shown: count(figures[measure]),
    share: share(of > 0 ? figures[measure] / of : null),
  })
}

function Days({ health: { days } }: { health: Health }) {
  const { t } = useTranslation('campaigns')
  if (days.length === 0) return <Text c="dimmed">{t('health.noDays')}</Text>
  const rows = days.map((day) => ({ ...day, label: dayjs(day.day).format('D MMM') }))
  const names = ['attempts', ...MEASURES] as const
  return (
    <ChartCard
      title={t('health.days')}
      rows={rows}
      head={t('health.day')}
      columns={names.map((name): [string, (row: Row) => string] => [
        t(`health.${name}`),
        (row) => count(row[name]),
      ])}
    >
      <BarChart
        {...sharedBy(rows)}
        barChartProps={PLOT}
        series={[
          { name: 'attempts', label: t('health.attempts'), color: OTHER },
          { name: 'answered', label: t('health.answered'), color: 'var(--tl-agent)' },
          { name: 'blocked', label: t('health.blocked'), color: 'var(--mantine-color-error)' },
        ]}
        valueFormatter={count}
        maxBarWidth={24}
        yAxisProps={{ allowDecimals: false, width: 44 }}
      />
    </ChartCard>
  )
}

function Rests({ health: { rests } }: { health: Health }) {
  const { t } = useTranslation('campaigns')
  if (rests.length === 0) return null
  const shown = (at: string) => dayjs(at).format('D MMM YYYY, HH:mm')
  return (
    <Stack gap="xs">
      <Title order={3} size="h4">
        {t('health.rests')}
      </Title>
      {rests.map((rest) => (
        <div key={rest.id}>
          <Text size="sm">
            {t('health.rest', {
              since: shown(rest.since),
              until: shown(rest.until),
              reason: rest.reason || t('health.byHand'),
            })}{' '}
            {rest.ended_by_hand && t('health.endedByHand')}
          </Text>
          <Evidence evidence={rest.evidence} />
        </div>
      ))}
    </Stack>
  )
}

/** Ends the rest of today, or begins one. */
function Resting({ health }: { health: Health }) {
  const { t } = useTranslation('campaigns')
  const queries = useQueryClient()
  const [until, setUntil] = useState<string | null>(null)
  const number = phone(health.e164)
  const rest = $api.useMutation('post', '/api/v1/numbers/{id}/rest', {
    onSuccess: ({ state }) => {
      void queries.invalidateQueries({ queryKey: ['get', '/api/v1/numbers/health'] })
      void queries.invalidateQueries({ queryKey: ['get', '/api/v1/numbers/{id}/health'] })
      done(t(state === 'resting' ? 'health.restSet' : 'health.restEnded', { number }))
    },
    onError: failed,
  })
  const params = { path: { id: health.number } }
  if (health.rest)
    return (
      <Group>
        <Button
          variant="default"
          loading={rest.isPending}
          onClick={() => rest.mutate({ params, body: { end: true } })}
        >
          {t('health.endRest')}
        </Button>
      </Group>
    )
  return (
    <Group gap="xs" align="flex-end">
      <DateTimePicker
        label={t('health.restUntil')}
        valueFormat="D MMM YYYY, HH:mm"
        w={220}
        minDate={new Date()}
        value={until}
        onChange={setUntil}
      />
      <Button
        variant="default"
        disabled={!until}
        loading={rest.isPending}
        onClick={() => rest.mutate({ params, body: { until: dayjs(until).toISOString() } })}
      >
        {t('health.restNow')}
      </Button>
    </Group>
  )
}
