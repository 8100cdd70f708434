/** The workspace's numbers and whom each reaches. */
import { Button, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconHash, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May } from '@/api/session'
import { Page } from '@/components/Page'
import { Empty, Failed, Loading } from '@/components/states'
import type { PhoneNumber } from '../data'
import { AddNumber } from './AddNumber'
import { EditNumber } from './EditNumber'
import { NumberTable } from './NumberTable'

export function NumbersPage() {
  const { t } = useTranslation('lines')
  const { t: common } = useTranslation('common')
  const [adding, add] = useDisclosure()
  const [edited, setEdited] = useState<PhoneNumber | null>(null)
  const query = $api.useInfiniteQuery('get', '/api/v1/numbers', { params: { query: {} } }, byCursor)
  const numbers = query.data?.pages.flatMap((page) => page.results) ?? []
  const button = (
    <May permission="numbers.write">
      <Button leftSection={<IconPlus size={16} />} onClick={add.open}>
        {t('addNumber')}
      </Button>
    </May>
  )
  return (
    <Page title={t('numbers')} lead={t('numbersLead')} actions={numbers.length > 0 && button}>
      {query.isPending ? (
        <Loading />
      ) : query.isError ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : numbers.length === 0 ? (
        <Empty icon={IconHash} title={t('noNumbers')} text={t('noNumbersText')} action={button} />
      ) : (
        <NumberTable numbers={numbers} onEdit={setEdited} />
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
      <AddNumber opened={adding} onClose={add.close} />
      <EditNumber number={edited} onClose={() => setEdited(null)} />
    </Page>
  )
}
