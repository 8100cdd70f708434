/** All knowledge bases of the workspace. */
import { Anchor, Button, Group, Modal, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconBook2, IconPlus } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May, useTenant } from '@/api/session'
import { count, Time } from '@/components/format'
import { Page } from '@/components/Page'
import { Empty, Failed, Loading } from '@/components/states'
import { asBase, type Base, useChanged } from '../data'
import { BaseForm } from './BaseForm'

export function KnowledgePage() {
  const { t } = useTranslation(['knowledge', 'common'])
  const [making, make] = useDisclosure()
  const query = $api.useInfiniteQuery('get', '/api/v1/knowledge-bases', {}, byCursor)
  const bases = query.data?.pages.flatMap((page) => page.results).map(asBase) ?? []
  const create = (
    <May permission="agents.write">
      <Button leftSection={<IconPlus size={16} />} onClick={make.open}>
        {t('new')}
      </Button>
    </May>
  )
  return (
    <Page title={t('title')} lead={t('lead')} actions={bases.length > 0 && create}>
      {query.isPending ? (
        <Loading />
      ) : query.isError ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : bases.length > 0 ? (
        <BaseTable bases={bases} />
      ) : (
        <Empty icon={IconBook2} title={t('emptyTitle')} text={t('emptyText')} action={create} />
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
      <Modal opened={making} onClose={make.close} title={t('new')} size="lg">
        <NewBase onClose={make.close} />
      </Modal>
    </Page>
  )
}

function NewBase({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('knowledge')
  const { path } = useTenant()
  const navigate = useNavigate()
  const changed = useChanged()
  const create = $api.useMutation('post', '/api/v1/knowledge-bases')
  return (
    <BaseForm
      label={t('create')}
      onCancel={onClose}
      onSave={async (body) => {
        const made = await create.mutateAsync({ body })
        void changed()
        void navigate({ to: path(`knowledge/${made.id}`) })
      }}
    />
  )
}

function BaseTable({ bases }: { bases: Base[] }) {
  const { t } = useTranslation('knowledge')
  const { path } = useTenant()
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('name')}</Table.Th>
          <Table.Th ta="right">{t('documents')}</Table.Th>
          <Table.Th ta="right" visibleFrom="sm">
            {t('chunks')}
          </Table.Th>
          <Table.Th visibleFrom="sm">{t('searchedBy')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('made')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {bases.map((base) => (
          <Table.Tr key={base.id}>
            <Table.Td>
              <Anchor component={Link} to={path(`knowledge/${base.id}`)} inherit fw={500}>
                {base.name}
              </Anchor>
              {base.description && (
                <Text size="sm" c="dimmed" lineClamp={1}>
                  {base.description}
                </Text>
              )}
            </Table.Td>
            <Table.Td ta="right" className="tl-mono">
              {count(base.documents)}
            </Table.Td>
            <Table.Td ta="right" className="tl-mono" visibleFrom="sm">
              {count(base.chunks)}
            </Table.Td>
            <Table.Td visibleFrom="sm">{t(base.embedding ? 'byBoth' : 'byWords')}</Table.Td>
            <Table.Td visibleFrom="sm">
              <Time at={base.created_at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
