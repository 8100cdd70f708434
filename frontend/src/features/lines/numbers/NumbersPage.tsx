/** The workspace's numbers and whom each reaches; those that are on order or on their way from another carrier. */
import { Button, Group, Stack, Tabs } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconHash, IconPlus, IconShoppingCart } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May, useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { Empty, Failed, Loading } from '@/components/states'
import { useTab } from '@/components/useTab'
import { type PhoneNumber, useSellers } from '../data'
import { Orders } from '../orders/Orders'
import { Papers } from '../papers/Papers'
import { Ports } from '../ports/Ports'
import { AddNumber } from './AddNumber'
import { EditNumber } from './EditNumber'
import { NumberTable } from './NumberTable'

const useList = () => $api.useInfiniteQuery('get', '/api/v1/numbers', { params: { query: {} } }, byCursor)

const TABS = ['yours', 'orders', 'ports', 'papers'] as const

export function NumbersPage() {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  const [tab, setTab] = useTab(TABS)
  const [adding, add] = useDisclosure()
  // Whoever may not read the numbers any more gets none either.
  const readable = !useList().isError
  // Where no carrier sells numbers there is nothing to order.
  const sold = (useSellers().data?.results.length ?? 0) > 0
  const buttons = (
    <May permission="numbers.write">
      <Button
        variant={sold ? 'default' : 'filled'}
        leftSection={<IconPlus size={16} aria-hidden />}
        onClick={add.open}
      >
        {t('addNumber')}
      </Button>
      {sold && (
        <Button
          component={Link}
          to={path('numbers/buy')}
          leftSection={<IconShoppingCart size={16} aria-hidden />}
        >
          {t('buy.open')}
        </Button>
      )}
    </May>
  )
  return (
    <Page title={t('numbers')} lead={t('numbersLead')} actions={readable && buttons}>
      {sold ? (
        <Tabs value={tab} onChange={setTab} keepMounted={false}>
          <Tabs.List mb="lg">
            {TABS.map((name) => (
              <Tabs.Tab key={name} value={name}>
                {t(`tabs.${name}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="yours">
            <Yours />
          </Tabs.Panel>
          <Tabs.Panel value="orders">
            <Orders />
          </Tabs.Panel>
          <Tabs.Panel value="ports">
            <Ports />
          </Tabs.Panel>
          <Tabs.Panel value="papers">
            <Papers />
          </Tabs.Panel>
        </Tabs>
      ) : (
        <Yours />
      )}
      <AddNumber opened={adding} onClose={add.close} />
    </Page>
  )
}

function Yours() {
  const { t } = useTranslation('lines')
  const { t: common } = useTranslation('common')
  const [edited, setEdited] = useState<PhoneNumber | null>(null)
  const query = useList()
  const numbers = query.data?.pages.flatMap((page) => page.results) ?? []
  return (
    <Stack gap="lg">
      {query.isPending ? (
        <Loading />
      ) : query.isError ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : numbers.length === 0 ? (
        <Empty icon={IconHash} title={t('noNumbers')} text={t('noNumbersText')} />
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
      <EditNumber number={edited} onClose={() => setEdited(null)} />
    </Stack>
  )
}
