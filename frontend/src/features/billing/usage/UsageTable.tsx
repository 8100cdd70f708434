/** Who or what the money went to, the dearest first. */
import { Anchor, Table, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { count, duration, money, phone, share } from '@/components/format'
import type { GROUPS, Usage, UsageRow } from './usage'
import { useComponentName } from './words'

type Group = (typeof GROUPS)[number]

interface UsageTableProps {
  usage: Usage
  group: Group
}

export function UsageTable({ usage: { results, total, currency }, group }: UsageTableProps) {
  const { t } = useTranslation('billing')
  // The newest day first, and only days on which something was: the chart shows all of them.
  const rows =
    group === 'day' ? results.filter(({ calls, micros }) => calls > 0 || micros !== 0).reverse() : results
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t(`usage.by.${group}`)}</Table.Th>
          <Table.Th ta="right" visibleFrom="xs">
            {t('usage.calls')}
          </Table.Th>
          <Table.Th ta="right" visibleFrom="sm">
            {t('usage.time')}
          </Table.Th>
          <Table.Th ta="right" visibleFrom="sm">
            {t('usage.share')}
          </Table.Th>
          <Table.Th ta="right">{t('usage.cost')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.key ?? ''}>
            <Table.Td>
              <Name row={row} group={group} />
            </Table.Td>
            <Table.Td ta="right" className="tl-mono" visibleFrom="xs">
              {count(row.calls)}
            </Table.Td>
            <Table.Td ta="right" className="tl-mono" visibleFrom="sm">
              {duration(row.seconds * 1000)}
            </Table.Td>
            <Table.Td ta="right" className="tl-mono" visibleFrom="sm">
              {share(total.micros > 0 ? row.micros / total.micros : null)}
            </Table.Td>
            <Table.Td ta="right" className="tl-mono">
              {money(row.micros, currency)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

const PAGES: Partial<Record<Group, string>> = { agent: 'agents', campaign: 'campaigns' }
const READS: Partial<Record<Group, string>> = { agent: 'agents.read', campaign: 'campaigns.read' }

/** Who it is, with the way there for those who may go. */
function Name({ row: { key, name }, group }: { row: UsageRow; group: Group }) {
  const { t } = useTranslation('billing')
  const { path, may } = useTenant()
  const componentName = useComponentName()
  if (key === null)
    return (
      <Text span inherit c="dimmed">
        {t(`usage.without.${group}`)}
      </Text>
    )
  if (group === 'day') return dayjs(key).format('ddd D MMM YYYY')
  if (group === 'component') return componentName(key)
  const shown = group === 'number' ? phone(name) : name
  const [page, read] = [PAGES[group], READS[group]]
  if (!page || !read || !may(read)) return shown
  return (
    <Anchor component={Link} to={path(`${page}/${key}`)} inherit>
      {shown}
    </Anchor>
  )
}
