/** Every entry of the ledger that moved the balance, the newest first. */
import { Anchor, Button, Group, Select, Stack, Table, Text } from '@mantine/core'
import { IconDownload, IconListDetails } from '@tabler/icons-react'
import { keepPreviousData } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { useTenant } from '@/api/session'
import { exactMoney, exactTime, signedMoney } from '@/components/format'
import { More } from '@/components/More'
import { Empty, Failed, Loading } from '@/components/states'
import type { Entry } from '../data'
import { KINDS, useKindName } from './kinds'

export function History() {
  const { t } = useTranslation('billing')
  const { tenant } = useTenant()
  const [kind, setKind] = useState<Entry['kind'] | null>(null)
  const kindName = useKindName()
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/billing/entries',
    { params: { query: kind ? { kind: [kind] } : {} } },
    { ...byCursor, placeholderData: keepPreviousData },
  )
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  const csv = new URLSearchParams({ tenant: tenant.id, ...(kind && { kind }) })
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end">
        <Select
          label={t('history.kind')}
          placeholder={t('history.any')}
          clearable
          clearButtonProps={{ 'aria-label': t('clear') }}
          data={KINDS.map((value) => ({ value, label: kindName(value) }))}
          value={kind}
          onChange={(value) => setKind(value as Entry['kind'] | null)}
        />
        <Button
          component="a"
          href={`/api/v1/billing/entries.csv?${csv}`}
          download
          variant="default"
          leftSection={<IconDownload size={16} />}
        >
          {t('csv')}
        </Button>
      </Group>
      {query.data === undefined ? (
        query.isError ? (
          <Failed error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading rows={8} />
        )
      ) : rows.length === 0 ? (
        <Empty icon={IconListDetails} title={t('history.none')} text={t('history.noneText')} />
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th visibleFrom="sm">{t('when')}</Table.Th>
              <Table.Th>{t('history.what')}</Table.Th>
              <Table.Th ta="right">{t('amount')}</Table.Th>
              <Table.Th ta="right" visibleFrom="xs">
                {t('history.after')}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((entry) => (
              <Row key={entry.id} entry={entry} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <More query={query} />
    </Stack>
  )
}

function Row({ entry }: { entry: Entry }) {
  const { t } = useTranslation('billing')
  const { path, may } = useTenant()
  const kindName = useKindName()
  const { kind, why, amount_micros, balance_after_micros, call, created_at } = entry
  return (
    <Table.Tr>
      <Table.Td visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
        {exactTime(created_at)}
      </Table.Td>
      <Table.Td>
        <Text size="sm" fw={500}>
          {kindName(kind)}
        </Text>
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {why !== kindName(kind) && why}
          {call && may('calls.read') && (
            <>
              {' '}
              <Anchor component={Link} to={path(`calls/${call}`)} inherit>
                {t('history.toCall')}
              </Anchor>
            </>
          )}
        </Text>
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          {exactTime(created_at)}
        </Text>
      </Table.Td>
      <Table.Td ta="right" className="tl-mono">
        {signedMoney(amount_micros)}
      </Table.Td>
      <Table.Td ta="right" className="tl-mono" visibleFrom="xs">
        {balance_after_micros === null ? '–' : exactMoney(balance_after_micros)}
      </Table.Td>
    </Table.Tr>
  )
}
