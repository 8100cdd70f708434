/** One document, as agents are given it: piece by piece. */
import { Alert, Anchor, Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { Time } from '@/components/format'
import { Page } from '@/components/Page'
import { Failed, Loaded, Loading } from '@/components/states'
import { State } from '../base/Documents'
import { asBase, type Document, isReading, size, useBase } from '../data'
import classes from './document.module.css'

const POLL_MS = 2_000

export function DocumentPage() {
  const { t } = useTranslation('knowledge')
  const { path } = useTenant()
  const { id = '', document = '' } = useParams({ strict: false })
  const base = useBase(id)
  const query = $api.useQuery(
    'get',
    '/api/v1/knowledge-bases/{id}/documents/{document}',
    { params: { path: { id, document } } },
    { refetchInterval: ({ state }) => (state.data && isReading(state.data) ? POLL_MS : false) },
  )
  // The route's error page: there is no such document, or it is somebody else's.
  if (query.error && asProblem(query.error).status === 404) throw query.error
  return (
    <Page
      title={query.data?.title ?? t('document')}
      lead={query.data && <Lead document={query.data} />}
      back={{ to: path(`knowledge/${id}`), label: base.data ? asBase(base.data).name : t('base') }}
    >
      <Loaded query={query} rows={8}>
        {(found) => (
          <Stack gap="md">
            {found.problem && (
              <Alert
                color={found.state === 'failed' ? 'red' : 'amber'}
                icon={<IconAlertTriangle size={18} />}
              >
                {found.problem}
              </Alert>
            )}
            {/* Another reading gives other pieces. */}
            <Pieces key={found.read_at} base={id} document={found} />
          </Stack>
        )}
      </Loaded>
    </Page>
  )
}

function Lead({ document }: { document: Document }) {
  const { t } = useTranslation('knowledge')
  const { state, kind, size_bytes, read_at, url, language } = document
  return (
    <Group gap="sm">
      <State state={state} />
      <span>{[t(`kind_${kind}`), size(size_bytes)].join(' · ')}</span>
      {read_at && (
        <span>
          {t('readAt')} <Time at={read_at} />
        </span>
      )}
      {language && language !== 'simple' && <span style={{ textTransform: 'capitalize' }}>{language}</span>}
      {/^https?:\/\//.test(url) && (
        <Anchor href={url} target="_blank" rel="noreferrer" inherit>
          {t('openPage')}
        </Anchor>
      )}
    </Group>
  )
}

function Pieces({ base, document }: { base: string; document: Document }) {
  const { t } = useTranslation(['knowledge', 'common'])
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/knowledge-bases/{id}/documents/{document}/chunks',
    { params: { path: { id: base, document: document.id } } },
    byCursor,
  )
  const byMeaning = useBase(base).data?.embedding
  if (query.isPending) return <Loading />
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />
  const pieces = query.data.pages.flatMap((page) => page.results)
  if (pieces.length === 0) return <Text c="dimmed">{t('noPieces')}</Text>
  return (
    <section aria-label={t('pieces', { count: document.chunks })}>
      <Title order={2} size="h3">
        {t('pieces', { count: document.chunks })}
      </Title>
      <Text size="sm" c="dimmed">
        {t('piecesLead')}
      </Text>
      <ol className={classes.pieces}>
        {pieces.map(({ position, heading, text, words, embedded }) => (
          <li key={position}>
            <Group gap="sm" mb={4}>
              <Text span size="xs" c="dimmed" className="tl-mono">
                {t('pieceNumber', { number: position + 1 })}
              </Text>
              {heading && (
                <Text span size="sm" fw={600}>
                  {heading}
                </Text>
              )}
              <Text span size="xs" c="dimmed">
                {t('words', { count: words })}
              </Text>
              {byMeaning && !embedded && (
                <Text span size="xs" c="var(--mantine-color-error)">
                  {t('notEmbedded')}
                </Text>
              )}
            </Group>
            <div className={classes.text}>{text}</div>
          </li>
        ))}
      </ol>
      {query.hasNextPage && (
        <Button
          variant="default"
          mt="sm"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('common:loadMore')}
        </Button>
      )}
    </section>
  )
}
