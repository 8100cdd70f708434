/** The log of an endpoint: every event that was to be sent to it, and what came of it. */
import { Button, Group, Select, Stack, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconListDetails, IconSearch } from '@tabler/icons-react'
import { keepPreviousData } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { More } from '@/components/More'
import { Empty, Failed, Loading } from '@/components/states'
import { type Endpoint, LIVE_MS, useEventTypes } from '../data'
import { DeliveryDrawer } from './DeliveryDrawer'
import { DeliveryTable } from './DeliveryTable'
import { filtersOf, type LogFilters, STATES } from './filters'

export function Deliveries({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation('webhooks')
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const filters = filtersOf(search)
  const opened = typeof search.delivery === 'string' ? search.delivery : null
  const navigate = useNavigate()
  const go = (next: LogFilters & { delivery?: string }) =>
    void navigate({ to: '.', search: next as never, replace: true, resetScroll: false })
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/webhooks/{id}/deliveries',
    { params: { path: { id: endpoint.id }, query: filters } },
    { ...byCursor, refetchInterval: LIVE_MS, placeholderData: keepPreviousData },
  )
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  const narrowed = Object.keys(filters).length > 0
  return (
    <Stack gap="md">
      <Filters filters={filters} onChange={go} />
      {query.data === undefined ? (
        query.isError ? (
          <Failed error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading rows={6} />
        )
      ) : rows.length > 0 ? (
        <DeliveryTable rows={rows} onOpen={(delivery) => go({ ...filters, delivery })} />
      ) : (
        <Empty
          icon={narrowed ? IconSearch : IconListDetails}
          title={t(narrowed ? 'log.noneFound' : 'log.none')}
          text={t(narrowed ? 'log.noneFoundText' : 'log.noneText')}
        />
      )}
      <More query={query} />
      <DeliveryDrawer
        id={opened}
        url={endpoint.url}
        onOpen={(delivery) => go({ ...filters, delivery })}
        onClose={() => go(filters)}
      />
    </Stack>
  )
}

interface FiltersProps {
  filters: LogFilters
  onChange: (filters: LogFilters) => void
}

function Filters({ filters, onChange }: FiltersProps) {
  const { t } = useTranslation('webhooks')
  const types = useEventTypes()
  const [key, setKey] = useState(filters.key ?? '')
  const tell = useDebouncedCallback((typed: string) => onChange({ ...filters, key: typed.trim() }), 350)
  const clear = { 'aria-label': t('log.clear') }
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label={t('log.state')}
        placeholder={t('log.any')}
        clearable
        clearButtonProps={clear}
        w={150}
        data={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
        value={filters.state ?? null}
        onChange={(state) => onChange({ ...filters, state: state ?? undefined })}
      />
      <Select
        label={t('event')}
        placeholder={t('log.any')}
        clearable
        clearButtonProps={clear}
        searchable
        w={210}
        data={types.data?.results.map(({ name }) => name) ?? []}
        value={filters.type ?? null}
        onChange={(type) => onChange({ ...filters, type: type ?? undefined })}
      />
      <TextInput
        label={t('log.about')}
        placeholder={t('log.aboutHint')}
        type="search"
        leftSection={<IconSearch size={16} />}
        flex="1 1 200px"
        maw={360}
        value={key}
        onChange={(event) => {
          setKey(event.currentTarget.value)
          tell(event.currentTarget.value)
        }}
      />
      {Object.keys(filters).length > 0 && (
        <Button
          variant="default"
          onClick={() => {
            setKey('')
            onChange({})
          }}
        >
          {t('log.clear')}
        </Button>
      )}
    </Group>
  )
}
