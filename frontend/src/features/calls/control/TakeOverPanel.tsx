/** While somebody here speaks with the caller: the microphone, and the way back to the agent. */
import { Alert, Button, Group, Progress, Text } from '@mantine/core'
import { IconAlertTriangle, IconArrowBackUp, IconMicrophone, IconMicrophoneOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { TakingOver } from './useTakeOver'

export function TakeOverPanel({ taking }: { taking: TakingOver }) {
  const { t } = useTranslation(['calls', 'talk'])
  const { state } = taking
  if (state.phase === 'off') return null
  if (state.phase === 'failed') {
    const { fault } = state
    return (
      <Alert
        color="red"
        role="alert"
        icon={<IconAlertTriangle size={18} />}
        withCloseButton
        closeButtonLabel={t('control.dismiss')}
        onClose={taking.dismiss}
      >
        <Text size="sm">
          {fault === 'lost' || fault === 'refused_call'
            ? t(`control.${fault}`)
            : t(`talk:failure.${fault}_text`)}
        </Text>
        {state.detail && <Text size="sm">{state.detail}</Text>}
      </Alert>
    )
  }
  return (
    <Alert
      color="amber"
      py="xs"
      icon={<IconMicrophone size={18} />}
      title={t(state.phase === 'on' ? 'control.yours' : 'control.takeOver')}
    >
      <Text size="sm" role="status">
        {t(`control.phase_${state.phase}`)}
      </Text>
      {state.phase === 'on' && (
        <Progress
          my={6}
          size="sm"
          color="amber"
          value={taking.muted ? 0 : taking.level * 100}
          aria-label={t('talk:level')}
          transitionDuration={80}
        />
      )}
      <Group gap="xs" mt={6}>
        <Button size="xs" leftSection={<IconArrowBackUp size={15} />} onClick={taking.giveBack}>
          {t('control.giveBack')}
        </Button>
        {state.phase === 'on' && (
          <Button
            size="xs"
            variant="default"
            aria-pressed={taking.muted}
            leftSection={taking.muted ? <IconMicrophoneOff size={15} /> : <IconMicrophone size={15} />}
            onClick={() => taking.mute(!taking.muted)}
          >
            {taking.muted ? t('talk:unmute') : t('talk:mute')}
          </Button>
        )}
      </Group>
    </Alert>
  )
}
