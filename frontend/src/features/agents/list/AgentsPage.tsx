/** All agents of the workspace. */
import { Anchor, Button, Group, Table, Text, TextInput } from '@mantine/core'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { IconPlus, IconRobot, IconSearch } from '@tabler/icons-react'
import { keepPreviousData } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import { May, useTenant } from '@/api/session'
import { Phone, Time } from '@/components/format'
import { Page } from '@/components/Page'
import { Empty, Failed, Loading } from '@/components/states'
import { Published } from '../editor/AgentPage'
import { NewAgent } from './NewAgent'

type Agent = components['schemas']['Agent']

export function AgentsPage() {
  const { t } = useTranslation('agents')
  const { t: common } = useTranslation('common')
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed.trim(), 250)
  const [making, make] = useDisclosure()
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/agents',
    { params: { query: q ? { q } : {} } },
    { ...byCursor, placeholderData: keepPreviousData },
  )
  const agents = query.data?.pages.flatMap((page) => page.results) ?? []
  const create = (
    <May permission="agents.write">
      <Button leftSection={<IconPlus size={16} />} onClick={make.open}>
        {t('new')}
      </Button>
    </May>
  )
  return (
    <Page title={t('title')} lead={t('lead')} actions={(agents.length > 0 || q !== '') && create}>
      {(agents.length > 0 || q !== '') && (
        <TextInput
          aria-label={t('search')}
          placeholder={t('search')}
          leftSection={<IconSearch size={16} />}
          maw={320}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      {query.isPending ? (
        <Loading />
      ) : query.isError ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : agents.length > 0 ? (
        <AgentTable agents={agents} />
      ) : q ? (
        <Empty icon={IconSearch} title={t('nothingFound', { q })} text={t('nothingFoundText')} />
      ) : (
        <Empty icon={IconRobot} title={t('emptyTitle')} text={t('emptyText')} action={create} />
      )}
      {query.hasNextPage && (
        <Group>
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {common('loadMore')}
          </Button>
        </Group>
      )}
      <NewAgent opened={making} onClose={make.close} />
    </Page>
  )
}

function AgentTable({ agents }: { agents: Agent[] }) {
  const { t } = useTranslation('agents')
  const { path, may } = useTenant()
  const numbers = $api.useQuery(
    'get',
    '/api/v1/numbers',
    { params: { query: { limit: 200 } } },
    { enabled: may('numbers.read') },
  )
  const of = (id: string) => numbers.data?.results.filter((number) => number.agent === id) ?? []
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('name')}</Table.Th>
          <Table.Th>{t('state')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('numbersTab')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('edited')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {agents.map((agent) => (
          <Table.Tr key={agent.id}>
            <Table.Td>
              <Anchor
                component={Link}
                to={path(`agents/${agent.id}`)}
                inherit
                fw={500}
                style={{ overflowWrap: 'break-word' }}
              >
                {agent.name}
              </Anchor>
            </Table.Td>
            <Table.Td>
              <Group gap={6}>
                <Published agent={agent} />
              </Group>
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <NumbersCell numbers={of(agent.id).map(({ e164 }) => e164)} />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Time at={agent.updated_at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

const SHOWN = 2

function NumbersCell({ numbers }: { numbers: string[] }) {
  const { t } = useTranslation('agents')
  if (numbers.length === 0)
    return (
      <Text span inherit c="dimmed">
        {t('none')}
      </Text>
    )
  return (
    <Group gap="xs">
      {numbers.slice(0, SHOWN).map((number) => (
        <Phone key={number} number={number} />
      ))}
      {numbers.length > SHOWN && (
        <Text span inherit>
          {t('andMore', { count: numbers.length - SHOWN })}
        </Text>
      )}
    </Group>
  )
}
