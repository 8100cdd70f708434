/** Deliveries, newest first. */
import { Anchor, Badge, Group, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Time } from '@/components/format'
import type { Delivery } from '../data'
import { StateBadge } from './StateBadge'
import classes from '../webhooks.module.css'

interface DeliveryTableProps {
  rows: readonly Delivery[]
  onOpen: (id: string) => void
}

export function DeliveryTable({ rows, onOpen }: DeliveryTableProps) {
  const { t } = useTranslation('webhooks')
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('event')}</Table.Th>
          <Table.Th>{t('log.state')}</Table.Th>
          <Table.Th visibleFrom="md">{t('log.answer')}</Table.Th>
          <Table.Th visibleFrom="sm" ta="right">
            {t('log.attempts')}
          </Table.Th>
          <Table.Th visibleFrom="sm">{t('log.when')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} onOpen={() => onOpen(row.id)} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Row({ row, onOpen }: { row: Delivery; onOpen: () => void }) {
  const { t } = useTranslation('webhooks')
  const { event } = row
  return (
    <Table.Tr className={classes.row} onClick={onOpen}>
      <Table.Td>
        <Group gap={6}>
          <Anchor
            component="button"
            type="button"
            size="sm"
            className="tl-mono"
            onClick={(click) => {
              click.stopPropagation()
              onOpen()
            }}
          >
            {event.type}
          </Anchor>
          {row.round > 0 && <Badge color="gray">{t('log.again')}</Badge>}
          {event.test && <Badge color="gray">{t('log.test')}</Badge>}
        </Group>
        <Text size="xs" c="dimmed" className="tl-mono" style={{ overflowWrap: 'anywhere' }}>
          {t('log.aboutKey', { key: event.key, sequence: event.sequence })}
        </Text>
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          <Time at={row.created_at} />
        </Text>
      </Table.Td>
      <Table.Td>
        <StateBadge state={row.state} />
        {row.state === 'pending' && row.next_at && (
          <Text size="xs" c="dimmed">
            {row.attempts > 0 ? t('log.nextTry') : t('log.firstTry')} <Time at={row.next_at} />
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Answer row={row} />
      </Table.Td>
      <Table.Td visibleFrom="sm" ta="right" className="tl-mono">
        {row.attempts}
      </Table.Td>
      <Table.Td visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
        <Time at={row.created_at} />
      </Table.Td>
    </Table.Tr>
  )
}

function Answer({ row: { status, problem } }: { row: Delivery }) {
  return (
    <Text size="sm" style={{ overflowWrap: 'anywhere' }} component="div">
      {status !== null && <span className="tl-mono">{status} </span>}
      {problem && (
        <Text span size="sm" c="dimmed">
          {problem}
        </Text>
      )}
    </Text>
  )
}
