/** The trunks with what goes on at each; what is wrong with one can be unfolded. */
import { ActionIcon, Anchor, Box, Group, Stack, Table, Text } from '@mantine/core'
import { useDisclosure, useInViewport } from '@mantine/hooks'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { share } from '@/components/format'
import type { Trunk } from '../../data'
import { GatewayCounts, GatewayList } from './Gateways'
import classes from './live.module.css'
import { Meter } from './Meter'
import { Registration, WhatToDo } from './Registration'

const COLUMNS = 8
const MINUTE = 60_000

export function TrunkTable({ trunks }: { trunks: Trunk[] }) {
  const { t } = useTranslation('lines')
  return (
    <Table highlightOnHover={false}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('name')}</Table.Th>
          <Table.Th visibleFrom="md">{t('direction')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('registration')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('gateways')}</Table.Th>
          <Table.Th>{t('callsNow')}</Table.Th>
          <Table.Th visibleFrom="lg">{t('rateShort')}</Table.Th>
          <Table.Th visibleFrom="sm" ta="right">
            {t('asrToday')}
          </Table.Th>
          <Table.Th>
            <Text span size="xs" c="dimmed" fw={400}>
              {t('details')}
            </Text>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {trunks.map((trunk) => (
          <TrunkRows key={trunk.id} trunk={trunk} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function TrunkRows({ trunk }: { trunk: Trunk }) {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  const [opened, { toggle }] = useDisclosure()
  const { calls, cps } = trunk.state
  const Chevron = opened ? IconChevronDown : IconChevronRight
  return (
    <>
      <Table.Tr>
        <Table.Td>
          <Anchor component={Link} to={path(`trunks/${trunk.id}`)} inherit fw={500}>
            {trunk.name}
          </Anchor>
          <Text size="xs" c="dimmed" hiddenFrom="md">
            {t(`directions.${trunk.direction}`)}
          </Text>
          <Stack gap={2} mt={4} hiddenFrom="sm">
            {trunk.registration !== 'none' && <Registration trunk={trunk} />}
            {trunk.gateways.length > 0 && <GatewayCounts gateways={trunk.gateways} />}
          </Stack>
        </Table.Td>
        <Table.Td visibleFrom="md">{t(`directions.${trunk.direction}`)}</Table.Td>
        <Table.Td visibleFrom="sm">
          <Registration trunk={trunk} />
        </Table.Td>
        <Table.Td visibleFrom="sm">
          <GatewayCounts gateways={trunk.gateways} />
        </Table.Td>
        <Table.Td>
          <Meter used={calls.inbound + calls.outbound} limit={calls.limit} />
        </Table.Td>
        <Table.Td visibleFrom="lg">
          <Meter used={cps.used} limit={cps.limit} />
        </Table.Td>
        <Table.Td visibleFrom="sm" ta="right">
          <AnswerRatio id={trunk.id} />
        </Table.Td>
        <Table.Td w={44} pr={0}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-expanded={opened}
            aria-label={t('detailsOf', { name: trunk.name })}
            onClick={toggle}
          >
            <Chevron size={17} />
          </ActionIcon>
        </Table.Td>
      </Table.Tr>
      {opened && (
        <Table.Tr className={classes.details}>
          <Table.Td colSpan={COLUMNS}>
            <Details trunk={trunk} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  )
}

function Details({ trunk }: { trunk: Trunk }) {
  const { t } = useTranslation('lines')
  const { calls, cps, registration } = trunk.state
  return (
    <Stack gap="xs" p="xs">
      {trunk.registration === 'outbound' && registration.last_error && (
        <div>
          <Text size="sm" fw={500}>
            {t('registration')}
          </Text>
          <WhatToDo error={registration.last_error} />
        </div>
      )}
      {trunk.gateways.length > 0 && <GatewayList gateways={trunk.gateways} />}
      <Text size="sm" c="dimmed">
        {t('callsNowParts', { inbound: calls.inbound, outbound: calls.outbound })}
      </Text>
      {/* What has no column of its own on a narrow window. */}
      <Group gap="xl" hiddenFrom="lg" align="flex-start">
        <div>
          <Text size="sm" c="dimmed">
            {t('rateNow')}
          </Text>
          <Meter used={cps.used} limit={cps.limit} />
        </div>
        <Box hiddenFrom="sm">
          <Text size="sm" c="dimmed">
            {t('asrToday')}
          </Text>
          <AnswerRatio id={trunk.id} />
        </Box>
      </Group>
    </Stack>
  )
}

/** Of the last 24 hours; asked for once the row has been seen. */
function AnswerRatio({ id }: { id: string }) {
  const { t } = useTranslation('lines')
  const { ref, inViewport } = useInViewport<HTMLSpanElement>()
  const query = $api.useQuery(
    'get',
    '/api/v1/trunks/{id}/stats',
    { params: { path: { id }, query: { period: '24h' } } },
    { enabled: inViewport, staleTime: MINUTE, refetchInterval: MINUTE },
  )
  const totals = query.data?.totals
  return (
    <span ref={ref}>
      <span className="tl-mono">{share(totals?.asr)}</span>
      {totals && (
        <Text size="xs" c="dimmed">
          {t('attempts', { count: totals.attempts })}
        </Text>
      )}
    </span>
  )
}
