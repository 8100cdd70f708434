/** What was paid in, what came of it, and what to do where it failed. */
import { Anchor, Badge, Button, Group, Stack, Table, Text, Title } from '@mantine/core'
import { IconExternalLink, IconReceipt } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May } from '@/api/session'
import { exactTime, money, Time } from '@/components/format'
import { More } from '@/components/More'
import { Empty, Failed, Loading } from '@/components/states'
import { LIVE_MS, type Payment } from '../data'
import { useCardName } from './card'
import { stageOf } from './dispute'
import { Refund } from './Refund'

export function Payments() {
  const { t } = useTranslation('billing')
  const [refunded, setRefunded] = useState<Payment | null>(null)
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/billing/payments',
    { params: { query: {} } },
    { ...byCursor, refetchInterval: LIVE_MS },
  )
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  return (
    <Stack gap="sm" component="section" aria-label={t('payments.title')}>
      <Title order={2} size="h3">
        {t('payments.title')}
      </Title>
      {query.data === undefined ? (
        query.isError ? (
          <Failed error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading />
        )
      ) : rows.length === 0 ? (
        <Empty icon={IconReceipt} title={t('payments.none')} text={t('payments.noneText')} />
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th visibleFrom="sm">{t('when')}</Table.Th>
              <Table.Th>{t('payments.what')}</Table.Th>
              <Table.Th>{t('state')}</Table.Th>
              <Table.Th ta="right">{t('amount')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((payment) => (
              <Row key={payment.id} payment={payment} onRefund={() => setRefunded(payment)} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <More query={query} />
      <Refund payment={refunded} onClose={() => setRefunded(null)} />
    </Stack>
  )
}

const COLORS: Record<Payment['state'], string> = {
  pending: 'gray',
  processing: 'amber',
  action_needed: 'amber',
  failing: 'red',
  succeeded: 'petrol',
  failed: 'red',
  cancelled: 'gray',
}

function Row({ payment, onRefund }: { payment: Payment; onRefund: () => void }) {
  const { t } = useTranslation('billing')
  const cardName = useCardName()
  const { kind, state, card, currency, created_at, problem, next_at, pay_url } = payment
  return (
    <Table.Tr>
      <Table.Td visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
        <Time at={created_at} />
      </Table.Td>
      <Table.Td>
        <Text size="sm">{t(`payments.kind.${kind}`)}</Text>
        {card && (
          <Text size="xs" c="dimmed">
            {cardName(card)}
          </Text>
        )}
        <Text size="xs" c="dimmed" hiddenFrom="sm" component="div">
          <Time at={created_at} />
        </Text>
        <Papers payment={payment} />
      </Table.Td>
      <Table.Td>
        <Stack gap={4} align="flex-start">
          <Badge color={COLORS[state]}>{t(`payments.state.${state}`)}</Badge>
          {problem && <Text size="sm">{problem}</Text>}
          {/* Of one that is not paid yet it is when the provider is asked again. */}
          {state === 'failing' && next_at && (
            <Text size="xs" c="dimmed">
              {t('payments.next', { at: exactTime(next_at) })}
            </Text>
          )}
          {pay_url && (
            <May permission="billing.write">
              <Button
                component="a"
                href={pay_url}
                size="compact-xs"
                rightSection={<IconExternalLink size={13} aria-hidden />}
              >
                {t('payments.pay')}
              </Button>
            </May>
          )}
          <Disputed payment={payment} />
          <FailedRefunds payment={payment} />
        </Stack>
      </Table.Td>
      <Table.Td ta="right">
        <Text size="sm" className="tl-mono">
          {money(payment.total_micros, currency)}
        </Text>
        {payment.tax_micros > 0 && (
          <Text size="xs" c="dimmed">
            {t('payments.tax', { amount: money(payment.tax_micros, currency) })}
          </Text>
        )}
        {payment.refunded_micros > 0 && (
          <Text size="xs" c="dimmed">
            {t('payments.refunded', { amount: money(payment.refunded_micros, currency) })}
          </Text>
        )}
        {payment.refundable_micros > 0 && (
          <May permission="tenant.write">
            <Button size="compact-xs" variant="subtle" onClick={onRefund}>
              {t('refund.open')}
            </Button>
          </May>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

function Papers({ payment: { receipt_url, invoice_url } }: { payment: Payment }) {
  const { t } = useTranslation('billing')
  const papers = [
    [receipt_url, t('payments.receipt')],
    [invoice_url, t('payments.invoice')],
  ] as const
  return (
    <Group gap="xs">
      {papers.map(
        ([url, name]) =>
          url && (
            <Anchor key={name} href={url} target="_blank" rel="noreferrer" size="xs">
              {name}
            </Anchor>
          ),
      )}
    </Group>
  )
}

function FailedRefunds({ payment: { refunds, currency } }: { payment: Payment }) {
  const { t } = useTranslation('billing')
  return refunds
    .filter(({ state }) => state === 'failed')
    .map(({ id, amount_micros, problem }) => (
      <Text key={id} size="sm">
        {t('payments.refundFailed', { amount: money(amount_micros, currency), problem })}
      </Text>
    ))
}

function Disputed({ payment: { dispute, currency } }: { payment: Payment }) {
  const { t } = useTranslation('billing')
  if (!dispute) return null
  const { amount_micros, reason, state } = dispute
  return (
    <Text size="sm">
      {t(`payments.dispute.${stageOf(state)}`, {
        amount: money(amount_micros, currency),
        reason: reason.replaceAll('_', ' '),
      })}
    </Text>
  )
}
