/** Numbers on their way here from other carriers. */
import { Badge, Box, Button, Group, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowRight, IconPlus } from '@tabler/icons-react'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May } from '@/api/session'
import { done, failed } from '@/components/forms'
import { Phone, phone } from '@/components/format'
import { More } from '@/components/More'
import { Empty, Failed, Loading } from '@/components/states'
import { type Port, useRefresh } from '../data'
import { CancelButton, OpeningRow } from '../orders/OpeningRow'
import { NewPort } from './NewPort'

/** The other carrier takes days. */
const EVERY_MS = 15_000

export function Ports() {
  const { t } = useTranslation('lines')
  const [asking, ask] = useDisclosure()
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/numbers/ports',
    { params: { query: {} } },
    { ...byCursor, refetchInterval: EVERY_MS },
  )
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  const button = (
    <May permission="numbers.write">
      <Button leftSection={<IconPlus size={16} />} onClick={ask.open}>
        {t('ports.open')}
      </Button>
    </May>
  )
  return (
    <Stack gap="md">
      {query.data === undefined ? (
        query.isError ? (
          <Failed error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading />
        )
      ) : rows.length === 0 ? (
        <Empty icon={IconArrowRight} title={t('ports.none')} text={t('ports.noneText')} action={button} />
      ) : (
        <>
          <Group justify="space-between" align="flex-start">
            <Text size="sm">{t('ports.text')}</Text>
            {button}
          </Group>
          <PortTable ports={rows} />
        </>
      )}
      <More query={query} />
      <NewPort opened={asking} onClose={ask.close} />
    </Stack>
  )
}

function PortTable({ ports }: { ports: readonly Port[] }) {
  const { t } = useTranslation('lines')
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={36}>
            <VisuallyHidden>{t('orders.details')}</VisuallyHidden>
          </Table.Th>
          <Table.Th>{t('number')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('ports.holder')}</Table.Th>
          <Table.Th>{t('orders.stateHead')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('ports.dueHead')}</Table.Th>
          <Table.Th w={90} visibleFrom="sm">
            <VisuallyHidden>{t('actions')}</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {ports.map((port) => (
          <Rows key={port.id} port={port} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

const COLORS: Record<Port['state'], string> = {
  submitting: 'amber',
  submitted: 'amber',
  in_review: 'amber',
  action_needed: 'red',
  scheduled: 'petrol',
  completed: 'petrol',
  rejected: 'red',
  cancelled: 'gray',
}

function Rows({ port }: { port: Port }) {
  const { t } = useTranslation('lines')
  const { e164, state, problem, due_on, customer_name, can_cancel } = port
  return (
    <OpeningRow label={t('ports.stepsOf', { number: phone(e164) })} steps={port.steps}>
      <Table.Td>
        <Phone number={e164} />
      </Table.Td>
      <Table.Td visibleFrom="sm">{customer_name}</Table.Td>
      <Table.Td>
        <Stack gap={4} align="flex-start">
          <Badge color={COLORS[state]} miw="fit-content">
            {t(`ports.state.${state}`)}
          </Badge>
          {problem && <Text size="sm">{problem}</Text>}
          {due_on && (
            <Text size="xs" c="dimmed" hiddenFrom="sm">
              {t('ports.due', { day: dayjs(due_on).format('D MMM YYYY') })}
            </Text>
          )}
          <Box hiddenFrom="sm">{can_cancel && <Cancel port={port} />}</Box>
        </Stack>
      </Table.Td>
      <Table.Td visibleFrom="sm">{due_on ? dayjs(due_on).format('D MMM YYYY') : '–'}</Table.Td>
      <Table.Td ta="right" visibleFrom="sm">
        {can_cancel && <Cancel port={port} />}
      </Table.Td>
    </OpeningRow>
  )
}

function Cancel({ port: { id, e164 } }: { port: Port }) {
  const { t } = useTranslation('lines')
  const refresh = useRefresh()
  const number = phone(e164)
  const cancel = $api.useMutation('post', '/api/v1/numbers/ports/{id}/cancel', {
    onSuccess: () => done(t('ports.cancelled')),
    onError: failed,
    onSettled: refresh,
  })
  return (
    <CancelButton
      label={t('ports.cancelOne', { number })}
      title={t('ports.cancelTitle', { number })}
      text={t('ports.cancelText')}
      pending={cancel.isPending}
      cancel={() => cancel.mutate({ params: { path: { id } } })}
    />
  )
}
