/** The workspace's SIP trunks with their live state, and what a carrier must be told. */
import { Button, Group } from '@mantine/core'
import { IconPlus, IconRoute } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May, useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { Empty, Failed, Loading } from '@/components/states'
import { LIVE_MS } from '../data'
import { Connection } from './Connection'
import { TrunkTable } from './live/TrunkTable'

export function TrunksPage() {
  const { t } = useTranslation('lines')
  const { t: common } = useTranslation('common')
  const { path } = useTenant()
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/trunks',
    { params: { query: {} } },
    { ...byCursor, refetchInterval: LIVE_MS },
  )
  const trunks = query.data?.pages.flatMap((page) => page.results) ?? []
  const button = (
    <May permission="trunks.write">
      <Button component={Link} to={path('trunks/new')} leftSection={<IconPlus size={16} />}>
        {t('newTrunk')}
      </Button>
    </May>
  )
  return (
    <Page title={t('trunks')} lead={t('trunksLead')} actions={trunks.length > 0 && button}>
      {query.data === undefined ? (
        query.isError ? (
          <Failed error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading />
        )
      ) : trunks.length === 0 ? (
        <Empty icon={IconRoute} title={t('noTrunks')} text={t('noTrunksText')} action={button} />
      ) : (
        <TrunkTable trunks={trunks} />
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
      <Connection />
    </Page>
  )
}
