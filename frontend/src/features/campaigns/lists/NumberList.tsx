/** Numbers that are not called: of the workspace, or (`campaign`) of one campaign alone. */
import {
  ActionIcon,
  Anchor,
  Button,
  Group,
  Stack,
  Table,
  Text,
  TextInput,
  VisuallyHidden,
} from '@mantine/core'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { IconDownload, IconPhoneOff, IconPlus, IconSearch, IconTrash, IconUpload } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import { May, useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { phone, Phone, Time } from '@/components/format'
import { Empty, Failed, Loading } from '@/components/states'
import { AddNumbers } from './AddNumbers'
import { useListChanged } from './data'
import { ImportNumbers } from './ImportNumbers'
import { digitsOf } from './pasted'

export type Suppression = components['schemas']['Suppression']

export function NumberList({ campaign }: { campaign?: string }) {
  const { t } = useTranslation(['campaigns', 'common'])
  const [typed, type] = useState('')
  const [q] = useDebouncedValue(digitsOf(typed), 300)
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/do-not-call',
    { params: { query: { ...(q ? { q } : {}), ...(campaign ? { campaign } : {}) } } },
    byCursor,
  )
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  return (
    <Stack gap="md">
      <Tools typed={typed} onType={type} campaign={campaign} />
      {query.isPending ? (
        <Loading />
      ) : query.isError ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : rows.length > 0 ? (
        <Rows rows={rows} named={!campaign} />
      ) : (
        <Empty
          icon={IconPhoneOff}
          title={t(q ? 'dnc.noneFound' : 'dnc.emptyTitle')}
          text={t(q ? 'dnc.noneFoundText' : campaign ? 'dnc.emptyCampaign' : 'dnc.emptyText')}
        />
      )}
      {query.hasNextPage && (
        <Group>
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('common:loadMore')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

interface ToolsProps {
  typed: string
  onType: (typed: string) => void
  campaign?: string
}

function Tools({ typed, onType, campaign }: ToolsProps) {
  const { t } = useTranslation('campaigns')
  const [adding, add] = useDisclosure()
  const [bringing, bring] = useDisclosure()
  const { tenant } = useTenant()
  const asked = new URLSearchParams({ tenant: tenant.id, ...(campaign ? { campaign } : {}) })
  const href = `/api/v1/do-not-call/export.csv?${asked}`
  return (
    <Group gap="xs" align="flex-end">
      <TextInput
        label={t('dnc.search')}
        leftSection={<IconSearch size={16} />}
        type="search"
        flex="1 1 200px"
        maw={320}
        value={typed}
        onChange={(event) => onType(event.currentTarget.value)}
      />
      <May permission="campaigns.write">
        <Button leftSection={<IconPlus size={16} />} onClick={add.open}>
          {t('dnc.add')}
        </Button>
      </May>
      <May permission="campaigns.write">
        <Button variant="default" leftSection={<IconUpload size={16} />} onClick={bring.open}>
          {t('dnc.import')}
        </Button>
      </May>
      <Button component="a" href={href} download variant="default" leftSection={<IconDownload size={16} />}>
        {t('dnc.export')}
      </Button>
      <AddNumbers opened={adding} onClose={add.close} campaign={campaign} />
      <ImportNumbers opened={bringing} onClose={bring.close} campaign={campaign} />
    </Group>
  )
}

/** `named`: numbers of all lists, each with the list that has it. */
function Rows({ rows, named }: { rows: readonly Suppression[]; named: boolean }) {
  const { t } = useTranslation('campaigns')
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('dnc.number')}</Table.Th>
          {named && <Table.Th visibleFrom="sm">{t('dnc.list')}</Table.Th>}
          <Table.Th>{t('dnc.source')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('dnc.note')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('dnc.since')}</Table.Th>
          <Table.Th>
            <VisuallyHidden>{t('dnc.remove')}</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} named={named} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Row({ row, named }: { row: Suppression; named: boolean }) {
  const { t } = useTranslation('campaigns')
  const { path } = useTenant()
  return (
    <Table.Tr>
      <Table.Td>
        <Phone number={row.e164} />
      </Table.Td>
      {named && (
        <Table.Td visibleFrom="sm">
          {row.campaign ? (
            <Anchor
              component={Link}
              to={path(`campaigns/${row.campaign}`)}
              search={{ tab: 'lists' } as never}
              inherit
            >
              {t('dnc.oneCampaign')}
            </Anchor>
          ) : (
            t('dnc.everywhere')
          )}
        </Table.Td>
      )}
      <Table.Td>
        {row.call ? (
          <Anchor component={Link} to={path(`calls/${row.call}`)} inherit>
            {t(`dnc.sources.${row.source}`)}
          </Anchor>
        ) : (
          t(`dnc.sources.${row.source}`)
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm" style={{ overflowWrap: 'anywhere' }}>
        <Text size="sm">{row.note}</Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={row.created_at} />
      </Table.Td>
      <Table.Td ta="right">
        <May permission="campaigns.write">
          <Remove row={row} />
        </May>
      </Table.Td>
    </Table.Tr>
  )
}

function Remove({ row }: { row: Suppression }) {
  const { t } = useTranslation('campaigns')
  const changed = useListChanged()
  const number = phone(row.e164)
  const remove = $api.useMutation('delete', '/api/v1/do-not-call/{id}', {
    onSuccess: () => {
      changed()
      done(t('dnc.removed', { number }))
    },
    onError: failed,
  })
  const ask = () =>
    confirmDanger({
      title: t('dnc.removeTitle', { number }),
      text: t(row.source === 'callee' ? 'dnc.removeAsked' : 'dnc.removeText'),
      confirm: t('dnc.remove'),
      cancel: t('cancel'),
      onConfirm: () => remove.mutate({ params: { path: { id: row.id } } }),
    })
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={t('dnc.removeOne', { number })} onClick={ask}>
      <IconTrash size={17} />
    </ActionIcon>
  )
}
