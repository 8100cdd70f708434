/** What was said in a talk and how fast it was answered. */
import { Box, Group, Text } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { LatencyBars } from '@/components/call/LatencyBars'
import { Transcript } from '@/components/call/Transcript'
import { latency as inWords } from '@/components/format'
import type { TalkState } from './talkState'
import classes from './talk.module.css'

/** The transcript; it follows the newest words. */
export function Words({ state }: { state: TalkState }) {
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
