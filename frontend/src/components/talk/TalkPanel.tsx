/** A conversation with an agent through the browser: what is said, how fast it answers, keys, mute, hang up. */
import { Alert, Anchor, Button, Group, Progress, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconMicrophone, IconMicrophoneOff, IconPhoneOff } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useEffectEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { FlowPath } from '../flow/FlowPath'
import type { Flow, Move } from '../flow/types'
import { DtmfPad } from './DtmfPad'
import { FloorPicture } from './FloorPicture'
import { isOver, isRunning, type Failure, type TalkState } from './talkState'
import { useTalk } from './useTalk'
import { Words } from './Words'

interface TalkPanelProps {
  agent: string
  source: 'draft' | 'published'
  variables?: Record<string, string>
  /** What is said beside the button. */
  note?: ReactNode
  /** Runs before the call is made; false keeps it from being made. */
  before?: () => Promise<boolean>
  /** False where the place around it says what this is. */
  heading?: boolean
  /** A conversation in which the agent spoke is over. */
  onTalked?: () => void
  /** The agent's flow: where the conversation is in it, is shown. */
  flow?: Flow | null
  /** The conversation goes through a flow. */
  onWalk?: (moves: readonly Move[], live: boolean) => void
}

const always = () => Promise.resolve(true)

export function TalkPanel({
  agent,
  source,
  variables,
  note,
  before = always,
  heading = true,
  onTalked,
  flow,
  onWalk,
}: TalkPanelProps) {
  const { t } = useTranslation('talk')
  const { state, level, muted, floor, start, hangUp, press, mute } = useTalk()
  const running = isRunning(state)
  const spoke = state.phase === 'over' && state.turns.length > 0
  const talked = useEffectEvent(() => onTalked?.())
  useEffect(() => {
    if (spoke) talked()
  }, [spoke])
  const walked = useEffectEvent(() => onWalk?.(state.moves, running))
  useEffect(() => walked(), [state.moves, running])
  return (
    <Stack gap="sm" role="group" aria-label={t('title')}>
      <div>
        {heading && (
          <Title order={2} size="h3">
            {t('title')}
          </Title>
        )}
        {state.phase === 'idle' && (
          <Text size="sm" c="dimmed">
            {t('intro')}
          </Text>
        )}
      </div>
      <Group gap="xs">
        {running ? (
          <>
            <Button color="red" leftSection={<IconPhoneOff size={16} />} onClick={hangUp}>
              {t('hangUp')}
            </Button>
            <Button
              variant="default"
              aria-pressed={muted}
              disabled={state.phase !== 'talking'}
              leftSection={muted ? <IconMicrophoneOff size={16} /> : <IconMicrophone size={16} />}
              onClick={() => mute(!muted)}
            >
              {muted ? t('unmute') : t('mute')}
            </Button>
          </>
        ) : (
          <Button
            leftSection={<IconMicrophone size={16} />}
            onClick={() => start({ agent, source, variables }, before)}
          >
            {isOver(state) ? t('again') : t('start')}
          </Button>
        )}
      </Group>
      <Status state={state} muted={muted} note={note} />
      {state.phase === 'talking' && (
        <Progress
          value={level * 100}
          size="sm"
          color="amber"
          aria-label={t('level')}
          transitionDuration={80}
        />
      )}
      <FloorPicture track={floor} running={state.phase === 'talking'} />
      {flow && state.moves.length > 0 && <FlowPath flow={flow} moves={state.moves} live={running} />}
      <Words state={state} />
      {state.phase === 'talking' && <DtmfPad onPress={press} />}
    </Stack>
  )
}

function Status({ state, muted, note }: { state: TalkState; muted: boolean; note?: ReactNode }) {
  const { t } = useTranslation('talk')
  const { path } = useTenant()
  if (state.failure) return <FailureNotice failure={state.failure} detail={state.detail} />
  const phase = state.phase === 'failed' ? 'over' : state.phase
  return (
    <div>
      <Text size="sm" role="status">
        {state.phase === 'talking' && muted ? t('phase.muted') : t(`phase.${phase}`)} {state.endWords}
      </Text>
      {state.phase === 'over' && state.call && (
        <Anchor component={Link} to={path(`calls/${state.call}`)} size="sm">
          {t('toCall')}
        </Anchor>
      )}
      {state.phase === 'idle' && note && (
        <Text size="sm" c="dimmed">
          {note}
        </Text>
      )}
    </div>
  )
}

function FailureNotice({ failure, detail }: { failure: Failure; detail: string }) {
  const { t } = useTranslation('talk')
  return (
    <Alert
      role="alert"
      color="red"
      icon={<IconAlertTriangle size={18} />}
      title={t(`failure.${failure}_title`)}
    >
      <Text size="sm">{t(`failure.${failure}_text`)}</Text>
      {detail && (
        <Text size="sm" mt={4}>
          {detail}
        </Text>
      )}
    </Alert>
  )
}
