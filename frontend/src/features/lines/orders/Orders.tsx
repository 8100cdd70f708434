/** Numbers on order: how far each is, and what to do where one does not come. */
import { Anchor, Badge, Box, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import { IconShoppingCart } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May, useTenant } from '@/api/session'
import { done, failed } from '@/components/forms'
import { exactMoney, exactTime, Phone, phone, Time } from '@/components/format'
import { More } from '@/components/More'
import { Empty, Failed, Loading } from '@/components/states'
import { LIVE_MS, type Order, useRefresh } from '../data'
import { CancelButton, OpeningRow } from './OpeningRow'

export function Orders() {
  const { t } = useTranslation('lines')
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/numbers/orders',
    { params: { query: {} } },
    { ...byCursor, refetchInterval: LIVE_MS },
  )
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  if (query.data === undefined)
    return query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Loading />
  if (rows.length === 0)
    return <Empty icon={IconShoppingCart} title={t('orders.none')} text={t('orders.noneText')} />
  return (
    <>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={36}>
              <VisuallyHidden>{t('orders.details')}</VisuallyHidden>
            </Table.Th>
            <Table.Th>{t('number')}</Table.Th>
            <Table.Th>{t('orders.stateHead')}</Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t('orders.price')}
            </Table.Th>
            <Table.Th visibleFrom="sm">{t('orders.since')}</Table.Th>
            <Table.Th w={90} visibleFrom="sm">
              <VisuallyHidden>{t('actions')}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((order) => (
            <Rows key={order.id} order={order} />
          ))}
        </Table.Tbody>
      </Table>
      <More query={query} />
    </>
  )
}

const COLORS: Record<Order['state'], string> = {
  pending: 'amber',
  buying: 'amber',
  owned: 'amber',
  active: 'petrol',
  releasing: 'amber',
  released: 'gray',
  failed: 'red',
  cancelled: 'gray',
}

function Rows({ order }: { order: Order }) {
  const { t } = useTranslation('lines')
  const { e164, state, problem, next_at, setup_micros, monthly_micros, currency, created_at } = order
  return (
    <OpeningRow label={t('orders.stepsOf', { number: phone(e164) })} steps={order.steps}>
      <Table.Td>
        <Phone number={e164} />
        <Text size="xs" c="dimmed" hiddenFrom="sm" component="div">
          <Time at={created_at} />
        </Text>
      </Table.Td>
      <Table.Td>
        <Stack gap={4} align="flex-start">
          <Badge color={COLORS[state]} miw="fit-content">
            {t(`orders.state.${state}`)}
          </Badge>
          {problem && <Text size="sm">{problem}</Text>}
          {state === 'failed' && <SearchAgain />}
          {next_at && (
            <Text size="xs" c="dimmed">
              {t('orders.nextTry', { at: exactTime(next_at) })}
            </Text>
          )}
          <Box hiddenFrom="sm">{order.can_cancel && <Cancel order={order} />}</Box>
        </Stack>
      </Table.Td>
      <Table.Td visibleFrom="sm" ta="right">
        <Text size="sm" className="tl-mono">
          {t('rental', { price: exactMoney(monthly_micros, currency) })}
        </Text>
        {setup_micros > 0 && (
          <Text size="xs" c="dimmed">
            {t('buy.setup', { price: exactMoney(setup_micros, currency) })}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={created_at} />
      </Table.Td>
      <Table.Td ta="right" visibleFrom="sm">
        {order.can_cancel && <Cancel order={order} />}
      </Table.Td>
    </OpeningRow>
  )
}

function SearchAgain() {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  return (
    <May permission="numbers.write">
      <Anchor component={Link} to={path('numbers/buy')} size="sm">
        {t('orders.again')}
      </Anchor>
    </May>
  )
}

function Cancel({ order: { id, e164 } }: { order: Order }) {
  const { t } = useTranslation('lines')
  const refresh = useRefresh()
  const number = phone(e164)
  const cancel = $api.useMutation('post', '/api/v1/numbers/orders/{id}/cancel', {
    onSuccess: () => done(t('orders.cancelled')),
    onError: failed,
    onSettled: refresh,
  })
  return (
    <CancelButton
      label={t('orders.cancelOne', { number })}
      title={t('orders.cancelTitle', { number })}
      text={t('orders.cancelText')}
      pending={cancel.isPending}
      cancel={() => cancel.mutate({ params: { path: { id } } })}
    />
  )
}
