/** What must not go, whatever is kept how long and whoever asks. */
import { Anchor, Badge, Button, Group, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconGavel, IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May, useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Phone, Time } from '@/components/format'
import { More } from '@/components/More'
import { Empty, Failed, Loading } from '@/components/states'
import { type Hold, usePrivacyChanged } from '../data'
import { NewHold } from './NewHold'

export function Holds() {
  const { t } = useTranslation('privacy')
  const [making, make] = useDisclosure()
  const query = $api.useInfiniteQuery('get', '/api/v1/privacy/holds', { params: { query: {} } }, byCursor)
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  const button = (
    <May permission="privacy.write">
      <Button leftSection={<IconPlus size={16} />} onClick={make.open}>
        {t('newHold')}
      </Button>
    </May>
  )
  return (
    <Stack gap="md">
      {query.data === undefined ? (
        query.isError ? (
          <Failed error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading />
        )
      ) : rows.length === 0 ? (
        <Empty icon={IconGavel} title={t('noHolds')} text={t('noHoldsText')} action={button} />
      ) : (
        <>
          <Group justify="space-between" align="flex-start">
            <Text size="sm" maw={640}>
              {t('holdsText')}
            </Text>
            {button}
          </Group>
          <HoldTable rows={rows} />
        </>
      )}
      <More query={query} />
      <NewHold opened={making} onClose={make.close} />
    </Stack>
  )
}

function HoldTable({ rows }: { rows: readonly Hold[] }) {
  const { t } = useTranslation('privacy')
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('holdName')}</Table.Th>
          <Table.Th>{t('holdOf')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('sinceHead')}</Table.Th>
          <Table.Th>
            <VisuallyHidden>{t('release')}</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((hold) => (
          <Table.Tr key={hold.id}>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>
              <Text size="sm" fw={500}>
                {hold.name}
              </Text>
              <Text size="xs" c="dimmed">
                {hold.reason}
              </Text>
            </Table.Td>
            <Table.Td>
              <Of hold={hold} />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Time at={hold.created_at} />
            </Table.Td>
            <Table.Td ta="right">
              {hold.released_at ? (
                <>
                  <Badge color="gray">{t('released')}</Badge>
                  <Text size="xs" c="dimmed">
                    <Time at={hold.released_at} />
                  </Text>
                </>
              ) : (
                <May permission="privacy.write">
                  <Release hold={hold} />
                </May>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Of({ hold: { call, phone_number: number } }: { hold: Hold }) {
  const { t } = useTranslation('privacy')
  const { path } = useTenant()
  if (call)
    return (
      <Anchor component={Link} to={path(`calls/${call}`)} size="sm">
        {t('holdACall')}
      </Anchor>
    )
  return number ? <Phone number={number} /> : t('holdEverything')
}

function Release({ hold: { id, name } }: { hold: Hold }) {
  const { t } = useTranslation(['privacy', 'common'])
  const changed = usePrivacyChanged()
  const release = $api.useMutation('post', '/api/v1/privacy/holds/{id}/release', {
    onSuccess: async () => {
      done(t('releasedDone', { name }))
      await changed()
    },
    onError: failed,
  })
  const ask = () =>
    confirmDanger({
      title: t('releaseTitle', { name }),
      text: t('releaseText'),
      confirm: t('release'),
      cancel: t('common:cancel'),
      onConfirm: () => release.mutate({ params: { path: { id } } }),
    })
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={t('releaseOne', { name })}
      loading={release.isPending}
      onClick={ask}
    >
      {t('release')}
    </Button>
  )
}
