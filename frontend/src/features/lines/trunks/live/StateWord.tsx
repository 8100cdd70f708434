/** A state in a word, with a sign whose shape and colour say the same. */
import {
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleX,
  IconClockPause,
  type Icon,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './live.module.css'

export type Tone = 'good' | 'bad' | 'waiting' | 'quiet'

const SIGNS: Record<Tone, Icon> = {
  good: IconCircleCheckFilled,
  bad: IconCircleX,
  waiting: IconClockPause,
  quiet: IconCircleDashed,
}

export const TONES = {
  up: 'good',
  down: 'bad',
  resting: 'waiting',
  unknown: 'quiet',
  off: 'quiet',
  registered: 'good',
  failed: 'bad',
  backing_off: 'bad',
  registering: 'waiting',
  none: 'quiet',
} as const satisfies Record<string, Tone>

export function StateWord({ tone, children }: { tone: Tone; children: ReactNode }) {
  const Sign = SIGNS[tone]
  return (
    <span className={classes.state} data-tone={tone}>
      <Sign size={16} aria-hidden />
      <span>{children}</span>
    </span>
  )
}
