/** The limits, and how much of each is used. */
import { ActionIcon, Button, Group, Progress, Stack, Table, Text, Title, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle, IconGauge, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { exactTime, money, share } from '@/components/format'
import { Empty, Loaded } from '@/components/states'
import classes from '../billing.module.css'
import { type Limit, useBillingChanged } from '../data'
import { EditLimit } from './EditLimit'
import { roomOf, usedOf } from './limits'
import { NewLimit } from './NewLimit'

const MOST = { params: { query: { limit: 200 } } } as const

export function Limits() {
  const { t } = useTranslation('billing')
  const [making, make] = useDisclosure()
  const [edited, setEdited] = useState<Limit | null>(null)
  const query = $api.useQuery('get', '/api/v1/billing/limits', MOST, { refetchInterval: 30_000 })
  const button = (
    <May permission="billing.write">
      <Button leftSection={<IconPlus size={16} />} onClick={make.open}>
        {t('limits.new')}
      </Button>
    </May>
  )
  return (
    <Stack gap="sm" component="section" aria-label={t('limits.title')}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={2} size="h3">
            {t('limits.title')}
          </Title>
          <Text size="sm" c="dimmed" maw={640}>
            {t('limits.text')}
          </Text>
        </div>
        {query.data && query.data.results.length > 0 && button}
      </Group>
      <Loaded query={query}>
        {({ results }) =>
          results.length === 0 ? (
            <Empty icon={IconGauge} title={t('limits.none')} text={t('limits.noneText')} action={button} />
          ) : (
            <LimitTable limits={results} onEdit={setEdited} />
          )
        }
      </Loaded>
      <NewLimit opened={making} onClose={make.close} />
      <EditLimit limit={edited} onClose={() => setEdited(null)} />
    </Stack>
  )
}

function LimitTable({ limits, onEdit }: { limits: readonly Limit[]; onEdit: (limit: Limit) => void }) {
  const { t } = useTranslation('billing')
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('limits.of')}</Table.Th>
          <Table.Th>{t('limits.used')}</Table.Th>
          <Table.Th ta="right" visibleFrom="xs">
            {t('limits.most')}
          </Table.Th>
          <Table.Th w={80}>
            <VisuallyHidden>{t('actions')}</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {limits.map((limit) => (
          <Row key={limit.id} limit={limit} onEdit={() => onEdit(limit)} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Row({ limit, onEdit }: { limit: Limit; onEdit: () => void }) {
  const { t } = useTranslation('billing')
  const name = useLimitName()(limit)
  const { scope, period, currency, amount_micros } = limit
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={500}>
          {scope === 'tenant' ? t('limits.scope.tenant') : limit.scope_name}
        </Text>
        <Text size="xs" c="dimmed">
          {t(`limits.kind.${scope}`)} {t(`limits.per.${period}`)}
        </Text>
      </Table.Td>
      <Table.Td>
        <Used limit={limit} name={name} />
      </Table.Td>
      <Table.Td ta="right" className="tl-mono" visibleFrom="xs">
        {money(amount_micros, currency)}
      </Table.Td>
      <Table.Td>
        <May permission="billing.write">
          <Group gap={4} justify="flex-end" wrap="nowrap">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('limits.edit', { name })}
              onClick={onEdit}
            >
              <IconPencil size={16} />
            </ActionIcon>
            <Delete limit={limit} name={name} />
          </Group>
        </May>
      </Table.Td>
    </Table.Tr>
  )
}

/** "Trunk Carrier, by day": what tells limits apart. */
function useLimitName() {
  const { t } = useTranslation('billing')
  return ({ scope, scope_name, period }: Limit) =>
    t('limits.name', {
      what: scope === 'tenant' ? t('limits.scope.tenant') : scope_name,
      per: t(`limits.per.${period}`),
    })
}

const COLORS = { free: 'petrol', little: 'amber', none: 'red' } as const

function Used({ limit, name }: { limit: Limit; name: string }) {
  const { t } = useTranslation('billing')
  const { amount_micros, spent_micros, held_micros, resets_at, currency } = limit
  const used = usedOf(limit)
  const room = roomOf(limit)
  return (
    <Stack gap={2}>
      <Progress
        className={classes.meter}
        value={100 * used}
        color={COLORS[room]}
        aria-label={t('limits.meter', { name, share: share(used) })}
      />
      <Text size="xs">
        {money(spent_micros, currency)}
        {held_micros > 0 && ` ${t('limits.held', { amount: money(held_micros, currency) })}`}
        <Text span inherit hiddenFrom="xs">
          {` ${t('limits.ofMost', { amount: money(amount_micros, currency) })}`}
        </Text>
      </Text>
      {room === 'none' && (
        <Group gap={4} wrap="nowrap" c="var(--mantine-color-error)">
          <IconAlertTriangle size={14} aria-hidden />
          <Text size="xs">{t('limits.full')}</Text>
        </Group>
      )}
      <Text size="xs" c="dimmed" visibleFrom="sm">
        {t('limits.resets', { at: exactTime(resets_at) })}
      </Text>
    </Stack>
  )
}

function Delete({ limit: { id }, name }: { limit: Limit; name: string }) {
  const { t } = useTranslation(['billing', 'common'])
  const changed = useBillingChanged()
  const remove = $api.useMutation('delete', '/api/v1/billing/limits/{id}', {
    onSuccess: async () => {
      done(t('limits.deleted'))
      await changed()
    },
    onError: failed,
  })
  return (
    <ActionIcon
      variant="subtle"
      color="red"
      aria-label={t('limits.delete', { name })}
      loading={remove.isPending}
      onClick={() =>
        confirmDanger({
          title: t('limits.deleteTitle', { name }),
          text: t('limits.deleteText'),
          confirm: t('common:delete'),
          cancel: t('common:cancel'),
          onConfirm: () => remove.mutate({ params: { path: { id } } }),
        })
      }
    >
      <IconTrash size={16} />
    </ActionIcon>
  )
}
