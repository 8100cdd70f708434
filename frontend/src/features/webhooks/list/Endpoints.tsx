/** The endpoints of the workspace, and how each does. */
import { Anchor, Button, Stack, Table, Text } from '@mantine/core'
import { IconPlus, IconWebhook } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May, useTenant } from '@/api/session'
import { count } from '@/components/format'
import { More } from '@/components/More'
import { Empty, Failed, Loading } from '@/components/states'
import { type Endpoint, LIVE_MS } from '../data'
import { shortAddress } from '../words'
import { Mood } from './Mood'

export function NewButton() {
  const { t } = useTranslation('webhooks')
  const { path } = useTenant()
  return (
    <May permission="webhooks.write">
      <Button component={Link} to={path('webhooks/new')} leftSection={<IconPlus size={16} />}>
        {t('new')}
      </Button>
    </May>
  )
}

export function Endpoints() {
  const { t } = useTranslation('webhooks')
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/webhooks',
    { params: { query: {} } },
    { ...byCursor, refetchInterval: LIVE_MS },
  )
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  if (query.data === undefined)
    return query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Loading />
  if (rows.length === 0) return <Empty icon={IconWebhook} title={t('emptyTitle')} text={t('emptyText')} />
  return (
    <Stack gap="md">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('endpoint')}</Table.Th>
            <Table.Th visibleFrom="md">{t('events')}</Table.Th>
            <Table.Th>{t('stateHead')}</Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t('waitingHead')}
            </Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t('deliveredHead')}
            </Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t('failedHead')}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((endpoint) => (
            <Row key={endpoint.id} endpoint={endpoint} />
          ))}
        </Table.Tbody>
      </Table>
      <More query={query} />
    </Stack>
  )
}

function Row({ endpoint }: { endpoint: Endpoint }) {
  const { path } = useTenant()
  const { stats } = endpoint
  const address = shortAddress(endpoint.url)
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        <Anchor component={Link} to={path(`webhooks/${endpoint.id}`)} size="sm" fw={500}>
          {endpoint.description || address}
        </Anchor>
        {endpoint.description && (
          <Text size="xs" c="dimmed" className="tl-mono">
            {address}
          </Text>
        )}
        <Text size="xs" c="dimmed" hiddenFrom="md">
          <Wanted types={endpoint.event_types} />
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Wanted types={endpoint.event_types} />
      </Table.Td>
      <Table.Td>
        <Mood endpoint={endpoint} />
      </Table.Td>
      <Table.Td visibleFrom="sm" ta="right" className="tl-mono">
        {count(stats.pending)}
      </Table.Td>
      <Table.Td visibleFrom="sm" ta="right" className="tl-mono">
        {count(stats.delivered_24h)}
      </Table.Td>
      <Table.Td visibleFrom="sm" ta="right" className="tl-mono">
        {count(stats.failed_24h)}
      </Table.Td>
    </Table.Tr>
  )
}

const NAMED = 3

/** The events that an endpoint is told of, in short. */
function Wanted({ types }: { types: readonly string[] }) {
  const { t } = useTranslation('webhooks')
  if (types.length === 0) return t('eventsAll')
  const rest = types.length - NAMED
  const named = types.slice(0, NAMED).join(', ')
  return rest > 0 ? t('eventsMore', { named, count: rest }) : named
}
