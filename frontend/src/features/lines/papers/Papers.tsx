/** What regulators were told of the workspace: addresses, and papers that carriers look at. */
import { ActionIcon, Badge, Stack, Table, Text, Title, VisuallyHidden } from '@mantine/core'
import { IconFileText, IconTrash } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May } from '@/api/session'
import { countryName } from '@/components/countries'
import { confirmDanger, done, failed } from '@/components/forms'
import { Empty, Loaded } from '@/components/states'
import { type Address, type Bundle, useAddresses, useBundles } from '../data'

export function Papers() {
  const { t } = useTranslation('lines')
  const addresses = useAddresses()
  const bundles = useBundles()
  return (
    <Loaded query={addresses}>
      {({ results: written }) => (
        <Loaded query={bundles}>
          {({ results: sent }) =>
            written.length + sent.length === 0 ? (
              <Empty icon={IconFileText} title={t('papers.none')} text={t('papers.noneText')} />
            ) : (
              <Stack gap="lg">
                {written.length > 0 && <Addresses addresses={written} />}
                {sent.length > 0 && <Bundles bundles={sent} />}
              </Stack>
            )
          }
        </Loaded>
      )}
    </Loaded>
  )
}

function Addresses({ addresses }: { addresses: readonly Address[] }) {
  const { t } = useTranslation('lines')
  const remove = useRemove('/api/v1/numbers/addresses')
  return (
    <Listed title={t('papers.addresses')} heads={[t('papers.label'), t('papers.address')]}>
      {addresses.map(({ id, label, customer_name, street, street2, postal_code, city, region, country }) => (
        <Table.Tr key={id}>
          <Table.Td>{label}</Table.Td>
          <Table.Td>
            {[customer_name, street, street2, `${postal_code} ${city}`.trim(), region, countryName(country)]
              .filter(Boolean)
              .join(', ')}
          </Table.Td>
          <Remove name={label} onRemove={() => remove(id)} />
        </Table.Tr>
      ))}
    </Listed>
  )
}

const COLORS: Record<Bundle['state'], string> = {
  submitting: 'amber',
  draft: 'red',
  pending: 'amber',
  approved: 'petrol',
  rejected: 'red',
}

function Bundles({ bundles }: { bundles: readonly Bundle[] }) {
  const { t } = useTranslation('lines')
  const remove = useRemove('/api/v1/numbers/bundles')
  return (
    <Listed title={t('papers.bundles')} heads={[t('papers.label'), t('orders.stateHead')]}>
      {bundles.map(({ id, label, country, type, state, problem }) => (
        <Table.Tr key={id}>
          <Table.Td>
            {label}
            <Text size="xs" c="dimmed">
              {`${countryName(country)}, ${t(`buy.types.${type}`)}`}
            </Text>
          </Table.Td>
          <Table.Td>
            <Badge color={COLORS[state]}>{t(`papers.state.${state}`)}</Badge>
            {problem && <Text size="sm">{problem}</Text>}
          </Table.Td>
          <Remove name={label} onRemove={() => remove(id)} />
        </Table.Tr>
      ))}
    </Listed>
  )
}

interface ListedProps {
  title: string
  heads: readonly string[]
  children: ReactNode
}

function Listed({ title, heads, children }: ListedProps) {
  const { t } = useTranslation('lines')
  return (
    <Stack gap="xs" component="section" aria-label={title}>
      <Title order={2} size="h3">
        {title}
      </Title>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head) => (
              <Table.Th key={head}>{head}</Table.Th>
            ))}
            <Table.Th w={50}>
              <VisuallyHidden>{t('actions')}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Stack>
  )
}

function Remove({ name, onRemove }: { name: string; onRemove: () => void }) {
  const { t } = useTranslation(['lines', 'common'])
  return (
    <Table.Td ta="right">
      <May permission="numbers.write">
        <ActionIcon
          variant="subtle"
          color="red"
          aria-label={t('papers.remove', { name })}
          onClick={() =>
            confirmDanger({
              title: t('papers.removeTitle', { name }),
              text: t('papers.removeText'),
              confirm: t('common:delete'),
              cancel: t('common:cancel'),
              onConfirm: onRemove,
            })
          }
        >
          <IconTrash size={16} />
        </ActionIcon>
      </May>
    </Table.Td>
  )
}

/** Removes one of what is listed at `path`, and has the list read again. */
function useRemove(path: '/api/v1/numbers/addresses' | '/api/v1/numbers/bundles') {
  const { t } = useTranslation('lines')
  const queries = useQueryClient()
  const remove = $api.useMutation('delete', `${path}/{id}`, {
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['get', path] })
      done(t('papers.removed'))
    },
    onError: failed,
  })
  return (id: string) => remove.mutate({ params: { path: { id } } })
}
