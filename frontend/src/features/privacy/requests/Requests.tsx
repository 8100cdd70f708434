/** What single people asked for, by their phone number: a copy of everything of them, or its deletion. */
import { Button, Group, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus, IconUserSearch } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May } from '@/api/session'
import { More } from '@/components/More'
import { Empty, Failed, Loading } from '@/components/states'
import { LIVE_MS } from '../data'
import { NewRequest } from './NewRequest'
import { RequestRows } from './RequestRows'

export function Requests() {
  const { t } = useTranslation('privacy')
  const [making, make] = useDisclosure()
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/privacy/requests',
    { params: { query: {} } },
    { ...byCursor, refetchInterval: LIVE_MS },
  )
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  const button = (
    <May permission="privacy.write">
      <Button leftSection={<IconPlus size={16} />} onClick={make.open}>
        {t('newRequest')}
      </Button>
    </May>
  )
  return (
    <Stack gap="md">
      {query.data === undefined ? (
        query.isError ? (
          <Failed error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading />
        )
      ) : rows.length === 0 ? (
        <Empty icon={IconUserSearch} title={t('noRequests')} text={t('noRequestsText')} action={button} />
      ) : (
        <>
          <Group justify="space-between" align="flex-start">
            <Text size="sm" maw={640}>
              {t('requestsText')}
            </Text>
            {button}
          </Group>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={36}>
                  <VisuallyHidden>{t('details')}</VisuallyHidden>
                </Table.Th>
                <Table.Th>{t('numberHead')}</Table.Th>
                <Table.Th visibleFrom="sm">{t('askedHead')}</Table.Th>
                <Table.Th>{t('stateHead')}</Table.Th>
                <Table.Th visibleFrom="sm">{t('sinceHead')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((request) => (
                <RequestRows key={request.id} request={request} />
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
      <More query={query} />
      <NewRequest opened={making} onClose={make.close} />
    </Stack>
  )
}
