/** The last step: what to type in on the other side, whether it has worked, and what comes next. */
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconHash } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { May, useTenant } from '@/api/session'
import { PlaceCall } from '@/components/place/PlaceCall'
import { type Trunk, useLiveTrunk } from '../data'
import { AddNumber } from '../numbers/AddNumber'
import { TrunkConnection } from './Connection'
import { GatewayList } from './live/Gateways'
import { Registration, WhatToDo } from './live/Registration'

export function Ready({ trunk, password }: { trunk: Trunk; password?: string }) {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  const [adding, add] = useDisclosure()
  const live = useLiveTrunk(trunk.id).data ?? trunk
  return (
    <Stack gap="lg">
      <div>
        <Title order={2}>{t('readyTitle', { name: trunk.name })}</Title>
        <Text c="dimmed">{t('readyText')}</Text>
      </div>
      <TrunkConnection trunk={trunk} password={password} />
      <Paper p="md" component="section" aria-label={t('stateNow')}>
        <Stack gap="sm">
          <Title order={2} size="h3">
            {t('stateNow')}
          </Title>
          {live.registration !== 'none' && <Registration trunk={live} />}
          <WhatToDo error={live.state.registration.last_error} />
          {live.gateways.length > 0 && <GatewayList gateways={live.gateways} />}
          {live.registration === 'none' && live.gateways.length === 0 && (
            <Text size="sm">{t('waitsForCalls')}</Text>
          )}
        </Stack>
      </Paper>
      <Group gap="xs">
        <May permission="numbers.write">
          <Button leftSection={<IconHash size={16} />} onClick={add.open}>
            {t('connectNumber')}
          </Button>
        </May>
        {trunk.direction !== 'inbound' && <PlaceCall variant="default" />}
        <Button variant="default" component={Link} to={path(`trunks/${trunk.id}`)}>
          {t('openTrunk')}
        </Button>
      </Group>
      <AddNumber opened={adding} onClose={add.close} trunk={trunk.id} />
    </Stack>
  )
}
