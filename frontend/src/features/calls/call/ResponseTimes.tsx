/** The agent's response times, turn by turn, as bars of the same scale. */
import { ActionIcon, Stack, Text, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { LatencyBars, LatencyLegend } from '@/components/call/LatencyBars'
import type { Turn } from '@/components/call/types'
import { duration, latency } from '@/components/format'
import { AccountOfCall } from './account/AccountOfCall'
import { AccountOfTurn } from './account/AccountOfTurn'
import { Section } from './Section'
import classes from './call.module.css'

interface ResponseTimesProps {
  turns: readonly Turn[]
  /** Nothing is shown before the first answer of a call that goes on. */
  running: boolean
  onSeek?: (ms: number) => void
}

export function ResponseTimes({ turns, running, onSeek }: ResponseTimesProps) {
  const { t } = useTranslation(['calls', 'call'])
  const timed = turns.filter((turn) => turn.latency?.total != null)
  const totals = timed.map((turn) => turn.latency!.total!).sort((a, b) => a - b)
  const worst = totals.at(-1)
  if (running && worst === undefined) return null
  return (
    <Section title={t('responseTimes')}>
      {worst === undefined ? (
        <Text c="dimmed" size="sm">
          {t('responseNone')}
        </Text>
      ) : (
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            {t('responseLead', { median: latency(median(totals)), worst: latency(worst) })}
          </Text>
          <LatencyLegend />
          <table className={classes.bars}>
            <VisuallyHidden component="thead">
              <tr>
                <th scope="col">{t('turn')}</th>
                <th scope="col">{t('call:latencyParts')}</th>
                <th scope="col">{t('afterWords')}</th>
                <th scope="col">{t('account')}</th>
              </tr>
            </VisuallyHidden>
            <tbody>
              {timed.map((turn) => (
                <TimedTurn key={turn.index} turn={turn} worst={worst} onSeek={onSeek} />
              ))}
            </tbody>
          </table>
          <AccountOfCall turns={turns} />
        </Stack>
      )}
    </Section>
  )
}

function TimedTurn({ turn, worst, onSeek }: { turn: Turn; worst: number; onSeek?: (ms: number) => void }) {
  const { t } = useTranslation('calls')
  const [opened, { toggle }] = useDisclosure()
  const time = duration(Math.max(0, turn.start_ms))
  return (
    <>
      <tr>
        <th scope="row" className="tl-mono">
          <At ms={turn.start_ms} onSeek={onSeek} />
        </th>
        <td>
          <LatencyBars latency={turn.latency} scaleMs={worst} numbers={false} />
        </td>
        <td className="tl-mono">{latency(turn.latency!.total)}</td>
        <td>
          {turn.account && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-expanded={opened}
              aria-label={t('accountOf', { time })}
              onClick={toggle}
            >
              {opened ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
            </ActionIcon>
          )}
        </td>
      </tr>
      {opened && turn.account && (
        <tr>
          <td colSpan={4}>
            <AccountOfTurn account={turn.account} />
          </td>
        </tr>
      )}
    </>
  )
}

function At({ ms, onSeek }: { ms: number; onSeek?: (ms: number) => void }) {
  const { t } = useTranslation('calls')
  const time = duration(Math.max(0, ms))
  if (!onSeek) return time
  return (
    <UnstyledButton
      className="tl-mono"
      fz="inherit"
      mih={24}
      title={t('jumpTo', { time })}
      onClick={() => onSeek(ms)}
    >
      {time}
    </UnstyledButton>
  )
}

/** Of ordered numbers, at least one. */
export function median(ordered: readonly number[]): number {
  const middle = Math.floor(ordered.length / 2)
  return ordered.length % 2 ? ordered[middle]! : (ordered[middle - 1]! + ordered[middle]!) / 2
}
