/** What can be done to a running call: say, silence, whisper, transfer, take over, end. */
import { ActionIcon, Button, Group, Menu, Stack } from '@mantine/core'
import {
  IconArrowsRightLeft,
  IconDots,
  IconEar,
  IconEarOff,
  IconMessage,
  IconMessage2Share,
  IconMicrophone,
  IconPhoneX,
  IconVolume,
  IconVolumeOff,
  type Icon,
} from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { CallItem } from '@/api/live'
import { May, useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { phone } from '@/components/format'
import { TakeOverPanel } from './TakeOverPanel'
import { TextDialog, type TextKind } from './TextDialog'
import { TransferDialog } from './TransferDialog'
import { useTakeOver } from './useTakeOver'
import { WhoControls } from './WhoControls'

interface CallActionsProps {
  call: CallItem
  /** On a card of the live wall: the rare acts are behind a button. */
  small?: boolean
  /** Where listening in is offered. */
  listen?: { on: boolean; toggle: () => void }
}

export function CallActions({ call, small = false, listen }: CallActionsProps) {
  const { t } = useTranslation(['calls', 'common'])
  const { may } = useTenant()
  const [dialog, setDialog] = useState<TextKind | 'transfer' | null>(null)
  const taking = useTakeOver(call.id)
  const mute = useMute(call)
  const talking = call.state === 'in_progress'
  const controls = may('calls.control')
  const mine = taking.state.phase === 'connecting' || taking.state.phase === 'on'
  const acts: Act[] = talking
    ? [
        ...(listen && may('calls.listen') && !mine
          ? [
              {
                key: 'listen',
                label: t(listen.on ? 'listenStop' : 'listen'),
                picture: listen.on ? IconEarOff : IconEar,
                pressed: listen.on,
                act: listen.toggle,
              },
            ]
          : []),
        ...(controls
          ? [
              { key: 'say', label: t('say'), picture: IconMessage, act: () => setDialog('say') },
              ...(may('calls.listen') && !mine
                ? [
                    {
                      key: 'take',
                      label: t('control.takeOver'),
                      picture: IconMicrophone,
                      act: taking.start,
                      disabled: !!call.taken_over_by,
                    },
                  ]
                : []),
              {
                key: 'whisper',
                label: t('control.whisper'),
                picture: IconMessage2Share,
                act: () => setDialog('whisper'),
              },
              {
                key: 'mute',
                label: t(call.muted ? 'control.unmute' : 'control.mute'),
                picture: call.muted ? IconVolume : IconVolumeOff,
                act: mute,
              },
              {
                key: 'transfer',
                label: t('control.transfer'),
                picture: IconArrowsRightLeft,
                act: () => setDialog('transfer'),
              },
            ]
          : []),
      ]
    : []
  return (
    <Stack gap="xs" w={small ? '100%' : undefined}>
      <WhoControls call={call} mine={mine} />
      <TakeOverPanel taking={taking} />
      <Group gap="xs">
        {acts.slice(0, small ? 2 : 3).map((one) => (
          <ActButton key={one.key} act={one} small={small} />
        ))}
        {acts.length > (small ? 2 : 3) && <More acts={acts.slice(small ? 2 : 3)} small={small} />}
        <May permission="calls.control">
          <HangUp call={call} small={small} />
        </May>
      </Group>
      {dialog === 'transfer' && <TransferDialog call={call} onClose={() => setDialog(null)} />}
      {(dialog === 'say' || dialog === 'whisper') && (
        <TextDialog id={call.id} kind={dialog} onClose={() => setDialog(null)} />
      )}
    </Stack>
  )
}

interface Act {
  key: string
  label: string
  picture: Icon
  act: () => void
  pressed?: boolean
  disabled?: boolean
}

function ActButton({ act, small }: { act: Act; small: boolean }) {
  const { picture: Picture } = act
  return (
    <Button
      size={small ? 'xs' : 'sm'}
      variant={act.pressed ? 'filled' : 'default'}
      aria-pressed={act.pressed}
      disabled={act.disabled}
      leftSection={<Picture size={15} aria-hidden />}
      onClick={act.act}
    >
      {act.label}
    </Button>
  )
}

function More({ acts, small }: { acts: Act[]; small: boolean }) {
  const { t } = useTranslation('calls')
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="default" size={small ? 30 : 36} aria-label={t('control.more')}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {acts.map(({ key, label, picture: Picture, act, disabled }) => (
          <Menu.Item key={key} leftSection={<Picture size={16} />} disabled={disabled} onClick={act}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function useMute(call: CallItem) {
  const { t } = useTranslation('calls')
  const handlers = {
    onSuccess: () => done(t(call.muted ? 'control.unmuteDone' : 'control.muteDone')),
    onError: failed,
  }
  const mute = $api.useMutation('post', '/api/v1/calls/{id}/mute', handlers)
  const unmute = $api.useMutation('post', '/api/v1/calls/{id}/unmute', handlers)
  return () => (call.muted ? unmute : mute).mutate({ params: { path: { id: call.id } } })
}

function HangUp({ call, small }: { call: CallItem; small: boolean }) {
  const { t } = useTranslation(['calls', 'common'])
  const other = phone(call.direction === 'outbound' ? call.to_number : call.from_number)
  const hangUp = $api.useMutation('post', '/api/v1/calls/{id}/hangup', {
    onSuccess: () => done(t('hangUpDone')),
    onError: failed,
  })
  const ask = () =>
    confirmDanger({
      title: t('hangUpTitle', { number: other }),
      text: t('hangUpText'),
      confirm: t('hangUp'),
      cancel: t('common:cancel'),
      onConfirm: () => hangUp.mutate({ params: { path: { id: call.id } }, body: { reason: '' } }),
    })
  return (
    <Button
      size={small ? 'xs' : 'sm'}
      color="red"
      variant="light"
      leftSection={<IconPhoneX size={15} aria-hidden />}
      loading={hangUp.isPending}
      onClick={ask}
    >
      {small ? t('end') : t('hangUp')}
    </Button>
  )
}
