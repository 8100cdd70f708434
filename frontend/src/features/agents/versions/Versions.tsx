/** What was published: when, by whom, how versions differ, and the way back. */
import { Badge, Button, Group, Modal, Table, Text, VisuallyHidden } from '@mantine/core'
import { IconArrowBackUp, IconGitCompare, IconRocket } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api } from '@/api/client'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Time } from '@/components/format'
import { Empty, Failed, Loading } from '@/components/states'
import { readAgent } from '../editor/data'
import type { Draft } from '../editor/useDraft'
import { Compare } from './Compare'
import { Results } from './Results'
import { Split } from './Split'

type Version = components['schemas']['Version']

export function Versions({ draft }: { draft: Draft }) {
  const { t } = useTranslation('agents')
  const { t: common } = useTranslation('common')
  const { agent } = draft.stored
  const [compared, setCompared] = useState<Version | null>(null)
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/agents/{id}/versions',
    { params: { path: { id: agent.id } } },
    byCursor,
  )
  if (query.isPending) return <Loading />
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />
  const versions = query.data.pages.flatMap((page) => page.results)
  if (versions.length === 0)
    return <Empty icon={IconRocket} title={t('noVersionsTitle')} text={t('noVersionsText')} />
  const numbers = versions.map(({ number }) => number)
  return (
    <>
      <Split agent={agent.id} versions={numbers} />
      <Table.ScrollContainer minWidth={320}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('version')}</Table.Th>
              <Table.Th visibleFrom="sm">{t('note')}</Table.Th>
              <Table.Th visibleFrom="sm">{t('by')}</Table.Th>
              <Table.Th visibleFrom="sm">{t('published')}</Table.Th>
              <Table.Th>
                <VisuallyHidden>{t('actions')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {versions.map((version) => (
              <VersionRow
                key={version.id}
                version={version}
                draft={draft}
                onCompare={() => setCompared(version)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {query.hasNextPage && (
        <Button
          variant="default"
          mt="md"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {common('loadMore')}
        </Button>
      )}
      <Results agent={agent.id} />
      <Modal
        opened={compared !== null}
        onClose={() => setCompared(null)}
        size="xl"
        title={compared && t('compareTitle', { number: compared.number })}
      >
        {compared && <Compare agent={agent.id} version={compared.number} versions={numbers} />}
      </Modal>
    </>
  )
}

interface RowProps {
  version: Version
  draft: Draft
  onCompare: () => void
}

function VersionRow({ version, draft, onCompare }: RowProps) {
  const { t } = useTranslation('agents')
  const takesCalls = draft.stored.agent.published_version?.number === version.number
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs">
          <Text span fw={500} style={{ whiteSpace: 'nowrap' }}>
            {t('versionNumber', { number: version.number })}
          </Text>
          {takesCalls && <Badge>{t('takesCalls')}</Badge>}
        </Group>
        <Text size="sm" c="dimmed" hiddenFrom="sm">
          {version.note}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {version.note || (
          <Text span c="dimmed">
            {t('none')}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">{version.created_by ?? t('byProgram')}</Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={version.created_at} />
      </Table.Td>
      <Table.Td>
        <Group gap={4} justify="flex-end">
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconGitCompare size={15} />}
            onClick={onCompare}
          >
            {t('compare')}
          </Button>
          {!takesCalls && <RollBack number={version.number} draft={draft} />}
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}

function RollBack({ number, draft }: { number: number; draft: Draft }) {
  const { t } = useTranslation('agents')
  const { t: common } = useTranslation('common')
  const { may } = useTenant()
  const queries = useQueryClient()
  const { agent } = draft.stored
  const rollBack = useMutation({
    mutationFn: async () => {
      await api.POST('/api/v1/agents/{id}/rollback', { params: { path: { id: agent.id } }, body: { number } })
      return readAgent(agent.id)
    },
    onSuccess: (read) => {
      draft.refresh(read)
      void queries.invalidateQueries({ queryKey: ['get', '/api/v1/agents/{id}/versions'] })
      // Rolling back ends it.
      void queries.invalidateQueries({ queryKey: ['get', '/api/v1/agents/{id}/split'] })
      done(t('rolledBack', { number }))
    },
    onError: failed,
  })
  if (!may('agents.write')) return null
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      loading={rollBack.isPending}
      leftSection={<IconArrowBackUp size={15} />}
      onClick={() =>
        confirmDanger({
          title: t('rollBackTitle', { number }),
          text: t('rollBackText', { name: agent.name, number }),
          confirm: t('rollBack'),
          cancel: common('cancel'),
          onConfirm: () => rollBack.mutate(),
        })
      }
    >
      {t('rollBack')}
    </Button>
  )
}
