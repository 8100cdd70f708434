/** The contacts of a campaign: found again, added, taken out, and what came of each. */
import { Button, Group, Select, Stack, Table, TextInput, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { IconPlus, IconSearch, IconUsers } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { May } from '@/api/session'
import { Empty, Failed, Loading } from '@/components/states'
import type { Campaign } from '../shared/types'
import { AddContact } from './AddContact'
import { ContactRow } from './ContactRow'
import { CONTACT_STATES, type ContactFilter, OUTCOMES, SET_ASIDES } from './contacts'
import { useContacts } from './data'

export function Contacts({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation(['campaigns', 'common'])
  const [filter, setFilter] = useState<ContactFilter>({})
  const [asked] = useDebouncedValue(filter, 300)
  const query = useContacts(campaign.id, asked)
  const contacts = query.data?.pages.flatMap((page) => page.results) ?? []
  const narrowed = Object.values(asked).some(Boolean)
  return (
    <Stack gap="md">
      <Filters filter={filter} onChange={setFilter} campaign={campaign} />
      {query.isPending ? (
        <Loading />
      ) : query.isError ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : contacts.length > 0 ? (
        <Table>
          <Heads />
          <Table.Tbody>
            {contacts.map((contact) => (
              <ContactRow key={contact.id} campaign={campaign.id} contact={contact} />
            ))}
          </Table.Tbody>
        </Table>
      ) : (
        <Empty
          icon={IconUsers}
          title={t(narrowed ? 'contact.noneFound' : 'contact.none')}
          text={t(narrowed ? 'contact.noneFoundText' : 'contact.noneText')}
        />
      )}
      {query.hasNextPage && (
        <Group>
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('common:loadMore')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

function Heads() {
  const { t } = useTranslation('campaigns')
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th>{t('contact.number')}</Table.Th>
        <Table.Th>{t('contact.state')}</Table.Th>
        <Table.Th visibleFrom="sm">{t('contact.last')}</Table.Th>
        <Table.Th visibleFrom="sm">{t('contact.next')}</Table.Th>
        <Table.Th ta="right" visibleFrom="sm">
          {t('contact.attempts')}
        </Table.Th>
        <Table.Th>
          <VisuallyHidden>{t('contact.actions')}</VisuallyHidden>
        </Table.Th>
      </Table.Tr>
    </Table.Thead>
  )
}

interface FiltersProps {
  filter: ContactFilter
  onChange: (filter: ContactFilter) => void
  campaign: Campaign
}

function Filters({ filter, onChange, campaign }: FiltersProps) {
  const { t } = useTranslation('campaigns')
  const [adding, add] = useDisclosure()
  const over = campaign.state === 'stopped'
  return (
    <Group gap="xs" align="flex-end">
      <TextInput
        label={t('contact.search')}
        type="search"
        leftSection={<IconSearch size={16} />}
        flex="1 1 180px"
        maw={280}
        value={filter.q ?? ''}
        onChange={(event) => onChange({ ...filter, q: event.currentTarget.value })}
      />
      <Select
        label={t('contact.state')}
        placeholder={t('contact.any')}
        clearable
        clearButtonProps={{ 'aria-label': t('hours.clear') }}
        w={160}
        data={CONTACT_STATES.map((value) => ({ value, label: t(`contactState.${value}`) }))}
        value={filter.state ?? null}
        onChange={(state) => onChange({ ...filter, state: state ?? undefined })}
      />
      <Select
        label={t('contact.outcome')}
        placeholder={t('contact.any')}
        clearable
        clearButtonProps={{ 'aria-label': t('hours.clear') }}
        w={210}
        data={OUTCOMES.map((value) => ({ value, label: t(`outcome.${value}`) }))}
        value={filter.outcome ?? null}
        onChange={(outcome) => onChange({ ...filter, outcome: outcome ?? undefined })}
      />
      <Select
        label={t('contact.setAside')}
        placeholder={t('contact.any')}
        clearable
        clearButtonProps={{ 'aria-label': t('hours.clear') }}
        w={230}
        data={SET_ASIDES.map((value) => ({ value, label: t(`reason.${value}`) }))}
        value={filter.set_aside ?? null}
        onChange={(set_aside) => onChange({ ...filter, set_aside: set_aside ?? undefined })}
      />
      {!over && (
        <May permission="campaigns.write">
          <Button leftSection={<IconPlus size={16} />} onClick={add.open}>
            {t('contact.add')}
          </Button>
        </May>
      )}
      <AddContact campaign={campaign.id} opened={adding} onClose={add.close} />
    </Group>
  )
}
