/** What is in a knowledge base: how far it is read, and what was wrong with it. */
import {
  ActionIcon,
  Anchor,
  Badge,
  Button,
  Group,
  Loader,
  Table,
  Text,
  Title,
  VisuallyHidden,
} from '@mantine/core'
import { IconBook2, IconRefresh, IconTrash } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May, useTenant } from '@/api/session'
import { count, Time } from '@/components/format'
import { confirmDanger, done, failed } from '@/components/forms'
import { Empty, Failed, Loading } from '@/components/states'
import { type Document, size, useChanged, useDocuments } from '../data'
import classes from './base.module.css'

export function Documents({ base }: { base: string }) {
  const { t } = useTranslation(['knowledge', 'common'])
  const { query, documents } = useDocuments(base)
  if (query.isPending) return <Loading />
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />
  if (documents.length === 0)
    return <Empty icon={IconBook2} title={t('noDocumentsTitle')} text={t('noDocumentsText')} />
  return (
    <section aria-label={t('documents')}>
      <Title order={2} size="h3" mb="xs">
        {t('documents')}
      </Title>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('document')}</Table.Th>
            <Table.Th>{t('state')}</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              {t('chunks')}
            </Table.Th>
            <Table.Th visibleFrom="sm">{t('addedAt')}</Table.Th>
            <Table.Th>
              <VisuallyHidden>{t('actions')}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {documents.map((document) => (
            <Row key={document.id} base={base} document={document} />
          ))}
        </Table.Tbody>
      </Table>
      {query.hasNextPage && (
        <Button
          mt="sm"
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('common:loadMore')}
        </Button>
      )}
    </section>
  )
}

function Row({ base, document }: { base: string; document: Document }) {
  const { t } = useTranslation('knowledge')
  const { path } = useTenant()
  const { id, title, kind, size_bytes, problem, chunks, created_at, state } = document
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={path(`knowledge/${base}/documents/${id}`)} inherit fw={500}>
          {title}
        </Anchor>
        <Text size="xs" c="dimmed">
          {[t(`kind_${kind}`), size(size_bytes)].join(' · ')}
        </Text>
        {problem && (
          <Text
            size="sm"
            c={state === 'failed' ? 'var(--mantine-color-error)' : 'dimmed'}
            className={classes.problem}
          >
            {problem}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <State state={state} />
      </Table.Td>
      <Table.Td ta="right" className="tl-mono" visibleFrom="sm">
        {count(chunks)}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={created_at} />
      </Table.Td>
      <Table.Td>
        <May permission="agents.write">
          <RowActions base={base} document={document} />
        </May>
      </Table.Td>
    </Table.Tr>
  )
}

const COLORS = { reading: 'amber', ready: 'petrol', failed: 'red' } as const

export function State({ state }: Pick<Document, 'state'>) {
  const { t } = useTranslation('knowledge')
  return (
    <Badge
      color={COLORS[state]}
      leftSection={state === 'reading' ? <Loader size={10} color="amber" aria-hidden /> : undefined}
    >
      {t(`state_${state}`)}
    </Badge>
  )
}

function RowActions({ base, document: { id, title, kind } }: { base: string; document: Document }) {
  const { t } = useTranslation('knowledge')
  const changed = useChanged()
  const params = { path: { id: base, document: id } }
  const told = (text: string) => () => {
    done(text)
    void changed()
  }
  const refresh = $api.useMutation('post', '/api/v1/knowledge-bases/{id}/documents/{document}/refresh', {
    onSuccess: told(t('refreshing', { name: title })),
    onError: failed,
  })
  const remove = $api.useMutation('delete', '/api/v1/knowledge-bases/{id}/documents/{document}', {
    onSuccess: told(t('documentDeleted', { name: title })),
    onError: failed,
  })
  const ask = () =>
    confirmDanger({
      title: t('deleteDocumentTitle', { name: title }),
      text: t('deleteDocumentText'),
      confirm: t('remove'),
      cancel: t('cancel'),
      onConfirm: () => remove.mutate({ params }),
    })
  return (
    <Group gap={2} wrap="nowrap" justify="flex-end">
      {kind === 'url' && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('refreshOf', { name: title })}
          loading={refresh.isPending}
          onClick={() => refresh.mutate({ params })}
        >
          <IconRefresh size={17} />
        </ActionIcon>
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t('deleteDocument', { name: title })}
        loading={remove.isPending}
        onClick={ask}
      >
        <IconTrash size={17} />
      </ActionIcon>
    </Group>
  )
}
