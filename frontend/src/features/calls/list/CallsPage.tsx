/** All calls: filters and search in the address, saved views, new calls as they begin. */
import { Button, Stack } from '@mantine/core'
import { IconFilterOff, IconMessageSearch, IconPhoneOff } from '@tabler/icons-react'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { PlaceCall } from '@/components/place/PlaceCall'
import { Empty, Failed, Loading } from '@/components/states'
import { type Filters, fromSearch, noFilters, same, toSearch } from '../filters'
import { CallTable } from './CallTable'
import { FilterBar } from './FilterBar'
import { NewCalls } from './NewCalls'
import { SavedViews } from './SavedViews'
import { useCallList } from './useCallList'

export function CallsPage() {
  const { t } = useTranslation('calls')
  const [filters, setFilters] = useFilters()
  const { path } = useTenant()
  const list = useCallList(filters)
  const { calls, query } = list
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <>
          <Button
            component={Link}
            to={path('calls/search')}
            variant="default"
            leftSection={<IconMessageSearch size={16} aria-hidden />}
          >
            {t('transcripts.toSearch')}
          </Button>
          <PlaceCall />
        </>
      }
    >
      <Stack gap="sm">
        <FilterBar
          filters={filters}
          onChange={setFilters}
          end={<SavedViews filters={filters} onChange={setFilters} />}
        />
        <NewCalls list={list} filters={filters} />
        {query.isPending && <Loading rows={10} />}
        {query.isError && calls.length === 0 && (
          <Failed error={query.error} retry={() => void query.refetch()} />
        )}
        {query.data && calls.length === 0 && (
          <Nothing filtered={!same(filters, noFilters)} clear={() => setFilters(noFilters)} />
        )}
        {calls.length > 0 && <CallTable list={list} />}
      </Stack>
    </Page>
  )
}

/** The filters of the address; each change is a step that the back button takes back. */
function useFilters(): [Filters, (filters: Filters, replace?: boolean) => void] {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const filters = useMemo(() => fromSearch(search), [search])
  const set = (next: Filters, replace = false) =>
    void navigate({ to: '.', search: toSearch(next) as never, replace, resetScroll: false })
  return [filters, set]
}

function Nothing({ filtered, clear }: { filtered: boolean; clear: () => void }) {
  const { t } = useTranslation('calls')
  if (filtered)
    return (
      <Empty
        icon={IconFilterOff}
        title={t('noMatchTitle')}
        text={t('noMatchText')}
        action={
          <Button variant="default" onClick={clear}>
            {t('clearFilters')}
          </Button>
        }
      />
    )
  return <Empty icon={IconPhoneOff} title={t('emptyTitle')} text={t('emptyText')} action={<PlaceCall />} />
}
