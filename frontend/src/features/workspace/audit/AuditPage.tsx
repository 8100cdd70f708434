import { Anchor, Button, Group, Select, SimpleGrid, Text, TextInput } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconDownload, IconHistory, IconSearch } from '@tabler/icons-react'
import { keepPreviousData } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, currentTenant } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May } from '@/api/session'
import { More } from '@/components/More'
import { Page } from '@/components/Page'
import { Empty, Failed, Loading } from '@/components/states'
import { Entries } from './Entries'
import { ACTIONS, type AuditFilters, filtersOf, isFiltered, OBJECT_TYPES, queryOf } from './filters'

export function AuditPage() {
  const { t } = useTranslation('workspace')
  const filters = filtersOf(useSearch({ strict: false }))
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/audit',
    { params: { query: queryOf(filters) } },
    { ...byCursor, placeholderData: keepPreviousData },
  )
  const entries = query.data?.pages.flatMap((page) => page.results) ?? []
  const file = `/api/v1/audit/export?${new URLSearchParams({ ...queryOf(filters), tenant: currentTenant() })}`
  return (
    <Page
      title={t('auditTitle')}
      lead={t('auditLead')}
      actions={
        <May permission="audit.read">
          <Button
            component="a"
            href={file}
            download
            variant="default"
            leftSection={<IconDownload size={16} />}
          >
            {t('auditExport')}
          </Button>
        </May>
      }
    >
      <Filters filters={filters} />
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Loading rows={8} />}
      {query.isSuccess &&
        entries.length === 0 &&
        (isFiltered(filters) ? (
          <Empty icon={IconSearch} title={t('auditEmptyTitle')} text={t('auditEmptyText')} />
        ) : (
          <Empty icon={IconHistory} title={t('auditNoneTitle')} text={t('auditNoneText')} />
        ))}
      {entries.length > 0 && <Entries entries={entries} />}
      <More query={query} />
      {entries.length > 0 && !query.hasNextPage && (
        <Text size="sm" c="dimmed" ta="center">
          {t('auditEnd')}
        </Text>
      )}
    </Page>
  )
}

/** Kept in the address: a search can be sent to somebody, and "back" works. */
function Filters({ filters }: { filters: AuditFilters }) {
  const { t } = useTranslation('workspace')
  const navigate = useNavigate()
  const set = (change: Partial<AuditFilters>) => {
    const next = Object.fromEntries(Object.entries({ ...filters, ...change }).filter(([, value]) => value))
    void navigate({ to: '.', search: next as never, replace: true })
  }
  const label = (action: (typeof ACTIONS)[number]) => ({ value: action, label: t(`auditActions.${action}`) })
  return (
    <>
      {/* The key: what was typed goes when the filters are cleared, not while somebody types. */}
      <SimpleGrid cols={{ base: 2, md: 3, lg: 6 }} spacing="sm" key={String(isFiltered(filters))}>
        <Typed
          label={t('auditSearch')}
          placeholder={t('auditSearchHint')}
          value={filters.q}
          onSet={(q) => set({ q })}
        />
        <Typed label={t('auditActor')} value={filters.actor} onSet={(actor) => set({ actor })} />
        <Select
          label={t('auditAction')}
          placeholder={t('auditAny')}
          clearable
          value={filters.action ?? null}
          data={ACTIONS.map(label)}
          onChange={(action) => set({ action: action ?? undefined })}
        />
        <Select
          label={t('auditObject')}
          placeholder={t('auditAny')}
          clearable
          searchable
          value={filters.object_type ?? null}
          data={OBJECT_TYPES.map((type) => ({ value: type, label: t(`auditObjects.${type}`) }))}
          onChange={(type) => set({ object_type: type ?? undefined })}
        />
        <DatePickerInput
          label={t('auditFrom')}
          placeholder={t('auditAny')}
          clearable
          value={filters.from ?? null}
          maxDate={filters.to}
          onChange={(from) => set({ from: from ?? undefined })}
        />
        <DatePickerInput
          label={t('auditTo')}
          placeholder={t('auditAny')}
          clearable
          value={filters.to ?? null}
          minDate={filters.from}
          onChange={(to) => set({ to: to ?? undefined })}
        />
      </SimpleGrid>
      {isFiltered(filters) && (
        <Group>
          <Anchor
            component="button"
            size="sm"
            onClick={() => void navigate({ to: '.', search: {} as never, replace: true })}
          >
            {t('auditClear')}
          </Anchor>
        </Group>
      )}
    </>
  )
}

interface TypedProps {
  label: string
  placeholder?: string
  value: string | undefined
  onSet: (value: string | undefined) => void
}

function Typed({ label, placeholder, value, onSet }: TypedProps) {
  const [text, setText] = useState(value ?? '')
  const tell = useDebouncedCallback((typed: string) => onSet(typed.trim() || undefined), 350)
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        tell(event.currentTarget.value)
      }}
    />
  )
}
