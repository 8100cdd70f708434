/** Numbers that carriers sell: found by country, area and pattern, with their price; bought right there. */
import { Alert, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconBuildingStore, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { Empty, Loaded } from '@/components/states'
import { type Available, useSellers } from '../data'
import { Found } from './Found'
import { OrderDialog } from './OrderDialog'
import { queryOf, type Wish } from './search'
import { SearchForm } from './SearchForm'

export function BuyPage() {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  const sellers = useSellers()
  const [wish, setWish] = useState<Wish | null>(null)
  return (
    <Page title={t('buy.title')} lead={t('buy.lead')} back={{ to: path('numbers'), label: t('numbers') }}>
      <Loaded query={sellers} rows={3}>
        {({ results }) =>
          results.length === 0 ? (
            <Empty icon={IconBuildingStore} title={t('buy.nobody')} text={t('buy.nobodyText')} />
          ) : (
            <Stack gap="lg">
              <SearchForm sellers={results} onSearch={setWish} />
              {wish ? (
                <Results wish={wish} />
              ) : (
                <Text size="sm" c="dimmed">
                  {t('buy.hint')}
                </Text>
              )}
            </Stack>
          )
        }
      </Loaded>
    </Page>
  )
}

function Results({ wish }: { wish: Wish }) {
  const { t } = useTranslation('lines')
  const [chosen, setChosen] = useState<Available | null>(null)
  const query = $api.useQuery(
    'get',
    '/api/v1/numbers/available',
    { params: { query: queryOf(wish) } },
    // What a carrier has changes by the minute, and each look costs it something.
    { staleTime: 60_000, retry: false },
  )
  return (
    <Loaded query={query} rows={6}>
      {({ results, problems }) => (
        <Stack gap="md">
          {problems.map(({ carrier, detail }) => (
            <Alert key={carrier} color="amber" icon={<IconAlertTriangle size={18} />} role="alert">
              {detail}
            </Alert>
          ))}
          {results.length > 0 ? (
            <Found numbers={results} onChoose={setChosen} />
          ) : (
            <Empty icon={IconSearch} title={t('buy.none')} text={t('buy.noneText')} />
          )}
          <OrderDialog number={chosen} onClose={() => setChosen(null)} />
        </Stack>
      )}
    </Loaded>
  )
}
