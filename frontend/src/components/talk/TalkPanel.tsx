/** A conversation with an agent through the browser: what is said, how fast it answers, keys, mute, hang up. */
import { Alert, Anchor, Box, Button, Group, Progress, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconMicrophone, IconMicrophoneOff, IconPhoneOff } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useEffectEvent, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { LatencyBars } from '@/components/call/LatencyBars'
import { Transcript } from '@/components/call/Transcript'
import { latency as inWords } from '@/components/format'
import { DtmfPad } from './DtmfPad'
import { isOver, isRunning, type Failure, type TalkState } from './talkState'
import { useTalk } from './useTalk'
import classes from './talk.module.css'

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
}: TalkPanelProps) {
  const { t } = useTranslation('talk')
  const { state, level, muted, start, hangUp, press, mute } = useTalk()
  const running = isRunning(state)
  const spoke = state.phase === 'over' && state.turns.length > 0
  const talked = useEffectEvent(() => onTalked?.())
  useEffect(() => {
    if (spoke) talked()
  }, [spoke])
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

/** The transcript; it follows the newest words. */
function Words({ state }: { state: TalkState }) {
  const { t } = useTranslation('talk')
  const box = useRef<HTMLDivElement>(null)
  const { turns, partials } = state
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [turns.length, partials.caller, partials.agent])
  if (turns.length === 0 && state.phase !== 'talking') return null
  const totals = turns.flatMap((turn) => turn.latency?.total ?? [])
  const slowest = Math.max(1, ...totals)
  return (
    <>
      {totals.length > 0 && (
        <Group gap="xs">
          <Text size="sm" fw={500}>
            {t('answers')}
          </Text>
          <Text size="sm" c="dimmed" className="tl-mono">
            {t('median', { time: inWords(median(totals)) })}
          </Text>
        </Group>
      )}
      <Box
        ref={box}
        className={classes.words}
        data-scrolls
        tabIndex={0}
        role="region"
        aria-label={t('title')}
      >
        <Transcript
          live
          turns={turns}
          partials={[
            { speaker: 'caller', text: partials.caller },
            { speaker: 'agent', text: partials.agent },
          ]}
          detail={(turn) => <LatencyBars latency={turn.latency} scaleMs={slowest} />}
        />
      </Box>
      {state.interruptions > 0 && (
        <Text size="sm" c="dimmed">
          {t('interruptions', { count: state.interruptions })}
        </Text>
      )}
    </>
  )
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
