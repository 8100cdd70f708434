/** Search and filters of the list. */
import { Button, CloseButton, Collapse, Group, Paper, TextInput } from '@mantine/core'
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks'
import { IconAdjustmentsHorizontal, IconSearch } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Filters, inUse, noFilters } from '../filters'
import { FilterFields } from './FilterFields'

interface FilterBarProps {
  filters: Filters
  /** `replace`: no step for the back button of its own, while somebody types. */
  onChange: (filters: Filters, replace?: boolean) => void
  end: ReactNode
}

const TYPING_MS = 300

export function FilterBar({ filters, onChange, end }: FilterBarProps) {
  const { t } = useTranslation('calls')
  const used = inUse(filters)
  const [open, { toggle }] = useDisclosure(used > 0)
  return (
    <div>
      <Group gap="xs">
        <Search key={filters.q} value={filters.q} onChange={(q) => onChange({ ...filters, q }, true)} />
        <Button
          variant={used > 0 ? 'light' : 'default'}
          leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
          aria-expanded={open}
          aria-controls="call-filters"
          onClick={toggle}
        >
          {used > 0 ? t('filtersInUse', { count: used }) : t('filters')}
        </Button>
        {used > 0 && (
          <Button variant="subtle" onClick={() => onChange({ ...noFilters, q: filters.q })}>
            {t('clearFilters')}
          </Button>
        )}
        {end}
      </Group>
      <Collapse expanded={open} id="call-filters">
        <Paper p="sm" mt="sm">
          <FilterFields filters={filters} onChange={onChange} />
        </Paper>
      </Collapse>
    </div>
  )
}

/** Keeps what is typed; the address follows when the typing pauses. */
function Search({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const { t } = useTranslation('calls')
  const [text, setText] = useState(value)
  const later = useDebouncedCallback(onChange, TYPING_MS)
  const type = (q: string) => {
    setText(q)
    later(q)
  }
  return (
    <TextInput
      type="search"
      flex={{ base: '1 1 100%', sm: '0 1 300px' }}
      aria-label={t('search')}
      placeholder={t('searchHint')}
      maxLength={100}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        text ? <CloseButton size="sm" aria-label={t('clearSearch')} onClick={() => onChange('')} /> : null
      }
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
    />
  )
}
