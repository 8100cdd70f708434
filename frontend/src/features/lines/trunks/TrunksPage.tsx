/** The workspace's SIP trunks, and what a carrier must be told. */
import { Anchor, Button, Stack, Table, Text } from '@mantine/core'
import { IconPlus, IconRoute } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { May, useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { Empty, Loaded } from '@/components/states'
import { type Trunk, useTrunks } from '../data'
import { Connection } from './Connection'

export function TrunksPage() {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  const query = useTrunks()
  const button = (
    <May permission="trunks.write">
      <Button component={Link} to={path('trunks/new')} leftSection={<IconPlus size={16} />}>
        {t('newTrunk')}
      </Button>
    </May>
  )
  return (
    <Page title={t('trunks')} lead={t('trunksLead')} actions={query.data?.results.length !== 0 && button}>
      <Loaded query={query}>
        {({ results }) =>
          results.length === 0 ? (
            <Empty icon={IconRoute} title={t('noTrunks')} text={t('noTrunksText')} action={button} />
          ) : (
            <TrunkTable trunks={results} />
          )
        }
      </Loaded>
      <Connection />
    </Page>
  )
}

function TrunkTable({ trunks }: { trunks: Trunk[] }) {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('name')}</Table.Th>
          <Table.Th>{t('direction')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('gateways')}</Table.Th>
          <Table.Th visibleFrom="md">{t('allowed')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('limits')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {trunks.map((trunk) => (
          <Table.Tr key={trunk.id}>
            <Table.Td>
              <Anchor component={Link} to={path(`trunks/${trunk.id}`)} inherit fw={500}>
                {trunk.name}
              </Anchor>
            </Table.Td>
            <Table.Td>{t(`directions.${trunk.direction}`)}</Table.Td>
            <Table.Td visibleFrom="sm">
              <Places
                places={trunk.gateways.map(({ host, port, transport }) => `${host}:${port} ${transport}`)}
              />
            </Table.Td>
            <Table.Td visibleFrom="md">
              <Places places={trunk.allowed_addresses} />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              {t('limitsOf', { calls: trunk.max_concurrent_calls, rate: trunk.max_calls_per_second })}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

const SHOWN = 2

function Places({ places }: { places: readonly string[] }) {
  const { t } = useTranslation('lines')
  return (
    <Stack gap={0}>
      {places.slice(0, SHOWN).map((place) => (
        <span key={place} className="tl-mono">
          {place}
        </span>
      ))}
      {places.length === 0 && (
        <Text span inherit c="dimmed">
          {t('none')}
        </Text>
      )}
      {places.length > SHOWN && (
        <Text size="sm" c="dimmed">
          {t('andMore', { count: places.length - SHOWN })}
        </Text>
      )}
    </Stack>
  )
}
