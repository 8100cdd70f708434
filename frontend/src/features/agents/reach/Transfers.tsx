/** Whom the agent may hand the caller to. */
import { Button, Stack, Text } from '@mantine/core'
import { IconPhoneOutgoing, IconPlus, IconRobot, IconServer, type Icon } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useAgents } from '@/api/choices'
import { phone } from '@/components/format'
import {
  emptyTarget,
  type KindOfTarget,
  kindOfTarget,
  MOST_TARGETS,
  plainNumber,
  type TransferTarget,
} from '../config/reach'
import { Part } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { ItemDrawer } from '../editor/ItemDrawer'
import { ItemRow } from '../editor/ItemRow'
import { useOpenItem } from '../editor/useOpenItem'
import { TargetFields } from './TargetFields'

const PLACE = 'config.transfers'
const ICONS: Record<KindOfTarget, Icon> = { number: IconPhoneOutgoing, sip_uri: IconServer, agent: IconRobot }

export function Transfers() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { transfers } = form.values.config
  const { opened, open, close, faulty } = useOpenItem(PLACE)
  const target = opened === null ? undefined : transfers[opened]
  return (
    <Stack gap="xl">
      <Part title={t('transfers')} lead={t('transfersHelp')}>
        {transfers.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('noTransfers')}
          </Text>
        )}
        <div>
          {transfers.map((one, i) => (
            <ItemRow
              key={i}
              icon={ICONS[kindOfTarget(one)]}
              name={one.name || t('unnamedTarget')}
              mono={one.name !== ''}
              detail={<Line target={one} />}
              faulty={faulty.includes(i)}
              edit={{ label: t('editTransfer'), onClick: () => open(i) }}
              remove={{
                label: t('removeTransfer', { name: one.name || i + 1 }),
                onClick: () => form.removeListItem(PLACE, i),
              }}
            />
          ))}
        </div>
        {transfers.length < MOST_TARGETS && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            style={{ alignSelf: 'flex-start' }}
            onClick={() => {
              form.insertListItem(PLACE, emptyTarget())
              open(transfers.length)
            }}
          >
            {t('addTransfer')}
          </Button>
        )}
      </Part>
      <ItemDrawer
        opened={target !== undefined}
        onClose={close}
        title={t('transferTitle', { name: target?.name || '…' })}
      >
        {target && opened !== null && (
          <TargetFields target={target} place={`${PLACE}.${opened}`} at={opened} />
        )}
      </ItemDrawer>
    </Stack>
  )
}

function Line({ target }: { target: TransferTarget }) {
  const { t } = useTranslation('agents')
  const agents = useAgents()
  if (target.agent !== null)
    return agents.data?.results.find(({ id }) => id === target.agent)?.name ?? t('otherAgent')
  const address = target.sip_uri ?? phone(plainNumber(target.number ?? ''))
  return t('byMode', { target: address || '…', mode: t(`modes.${target.mode}`) })
}
