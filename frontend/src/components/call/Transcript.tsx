/** What was said, the caller on the left and the agent on the right. */
import { Text, Tooltip } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { duration, latency as inWords } from '@/components/format'
import classes from './call.module.css'
import type { Partial, Turn } from './types'

interface TranscriptProps {
  turns: readonly Turn[]
  /** What is being said right now. */
  partials?: readonly Partial[]
  /** Makes each turn a button that jumps to its beginning in the recording. */
  onSeek?: (ms: number) => void
  /** Where the recording plays; its turn is marked and kept in view. */
  playingMs?: number | null
  /** The call goes on: new words are announced to screen readers. */
  live?: boolean
  /** Under a turn, for example its `LatencyBars`. */
  detail?: (turn: Turn) => ReactNode
  /** What happened between the turns, in order of time. */
  asides?: readonly Aside[]
  /** What can be done with a turn, beside who said it. */
  actions?: (turn: Turn) => ReactNode
  /** A turn that somebody looks for. */
  sought?: Sought | null
}

/** `index` of a turn; `quote`: the words in it that count. Another object brings it into view again. */
export interface Sought {
  index: number
  quote?: string
}

export interface Aside {
  key: React.Key
  atMs: number
  row: ReactNode
}

export function Transcript({
  turns,
  partials = [],
  onSeek,
  playingMs,
  live,
  detail,
  asides = [],
  actions,
  sought,
}: TranscriptProps) {
  const { t } = useTranslation('call')
  const current = playingMs == null ? undefined : turnAt(turns, playingMs)
  const spoken = partials.filter(({ text }) => text !== '')
  if (turns.length === 0 && spoken.length === 0 && asides.length === 0)
    return <Text c="dimmed">{t(live ? 'waitingForWords' : 'noWords')}</Text>
  return (
    <div role={live ? 'log' : undefined} aria-label={t('transcript')}>
      <ol className={classes.turns}>
        {inOrder(turns, asides).map((item) =>
          'row' in item ? (
            <li key={`aside-${item.key}`} className={classes.aside}>
              {item.row}
            </li>
          ) : (
            <TurnRow
              key={`${item.index}-${item.speaker}`}
              turn={item}
              current={item === current}
              onSeek={onSeek}
              detail={detail?.(item)}
              actions={actions?.(item)}
              sought={sought?.index === item.index ? sought : null}
            />
          ),
        )}
        {spoken.map(({ speaker, text }) => (
          <li key={speaker} className={classes.turn} data-speaker={speaker} data-partial aria-hidden>
            <div className={classes.who}>
              <span className={classes.name}>{t(speaker)}</span>
              {t('speaking')}
            </div>
            <span className={classes.words}>{text}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}

/** Turns as they stand, each aside before the first turn that began after it. */
export function inOrder<T extends Turn, A extends Aside>(
  turns: readonly T[],
  asides: readonly A[],
): (T | A)[] {
  const waiting = [...asides].sort((a, b) => a.atMs - b.atMs)
  const items: (T | A)[] = []
  for (const turn of turns) {
    while (waiting[0] && waiting[0].atMs <= turn.start_ms) items.push(waiting.shift()!)
    items.push(turn)
  }
  return [...items, ...waiting]
}

export interface Piece {
  text: string
  marked: boolean
}

/** A text with the words of `quote` apart, wherever they stand first; case does not count. */
export function inPieces(text: string, quote = ''): Piece[] {
  const words = quote.trim()
  const at = words ? text.toLowerCase().indexOf(words.toLowerCase()) : -1
  if (at === -1) return [{ text, marked: false }]
  return [
    { text: text.slice(0, at), marked: false },
    { text: text.slice(at, at + words.length), marked: true },
    { text: text.slice(at + words.length), marked: false },
  ].filter((piece) => piece.text !== '')
}

/** The turn that is heard at `ms`: the last one that has begun. */
export function turnAt<T extends Turn>(turns: readonly T[], ms: number): T | undefined {
  return turns.filter((turn) => turn.start_ms <= ms).sort((a, b) => b.start_ms - a.start_ms)[0]
}

interface RowProps {
  turn: Turn
  current: boolean
  onSeek?: (ms: number) => void
  detail?: ReactNode
  actions?: ReactNode
  sought: Sought | null
}

function TurnRow({ turn, current, onSeek, detail, actions, sought }: RowProps) {
  const { t } = useTranslation('call')
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (current) keepInView(row.current)
  }, [current])
  useEffect(() => {
    if (!sought) return
    keepInView(row.current, true)
    row.current?.scrollIntoView({ block: 'nearest' })
  }, [sought])
  const text = turn.dtmf ? t('pressed', { digits: turn.text }) : turn.text
  const total = turn.latency?.total
  return (
    <li
      ref={row}
      className={classes.turn}
      data-speaker={turn.speaker}
      data-current={current || undefined}
      data-sought={sought ? true : undefined}
    >
      <div className={classes.who}>
        <span className={classes.name}>{t(turn.speaker)}</span>
        <span className="tl-mono">{duration(Math.max(0, turn.start_ms))}</span>
        {total != null && <span>{t('responseAfter', { time: inWords(total) })}</span>}
        {actions}
      </div>
      {onSeek ? (
        <button
          type="button"
          className={classes.words}
          aria-current={current || undefined}
          title={t('playFrom', { time: duration(Math.max(0, turn.start_ms)) })}
          onClick={() => onSeek(turn.start_ms)}
        >
          <Words text={text} turn={turn} quote={sought?.quote} />
        </button>
      ) : (
        <div className={classes.words}>
          <Words text={text} turn={turn} quote={sought?.quote} />
        </div>
      )}
      {detail}
    </li>
  )
}

function Words({ text, turn, quote }: { text: string; turn: Turn; quote?: string }) {
  const { t } = useTranslation('call')
  return (
    <>
      <span className={turn.dtmf ? 'tl-mono' : undefined}>
        {inPieces(text, quote).map(({ text: piece, marked }, i) =>
          marked ? (
            <mark key={i} className={classes.quoted}>
              {piece}
            </mark>
          ) : (
            piece
          ),
        )}
      </span>
      {turn.dtmf && /^\*{2,}$/.test(turn.text) && (
        <Tooltip label={t('maskedHint')}>
          <span className={classes.cut}> – {t('masked')}</span>
        </Tooltip>
      )}
      {turn.interrupted && (
        <Tooltip label={t('interruptedHint')}>
          <span className={classes.cut}> – {t('interrupted')}</span>
        </Tooltip>
      )}
    </>
  )
}

/** Scrolls the box around the turn, never the page: the waveform stays where it is. */
function keepInView(row: HTMLElement | null, always = false): void {
  const box = row?.closest<HTMLElement>('[data-scrolls]')
  if (!row || !box) return
  const { top, bottom } = row.getBoundingClientRect()
  const outer = box.getBoundingClientRect()
  if (always || top < outer.top || bottom > outer.bottom) box.scrollTop += top - outer.top - outer.height / 3
}
