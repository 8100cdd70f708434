/** The way of a call through a flow: drawn on the canvas, and as a list of steps. */
import { Stack, Text } from '@mantine/core'
import { lazy, Suspense, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading } from '../states'
import type { Flow, Move } from './types'
import { belongs, walkOf } from './walk'
import classes from './flow.module.css'

const FlowCanvas = lazy(async () => ({ default: (await import('./FlowCanvas')).FlowCanvas }))

interface FlowPathProps {
  flow: Flow
  moves: readonly Move[]
  /** The call goes on: where it is, is marked. */
  live: boolean
  /** Whether the list of steps stands below the picture. */
  steps?: boolean
}

export function FlowPath({ flow, moves, live, steps = true }: FlowPathProps) {
  const { t } = useTranslation('flow')
  const walk = useMemo(() => walkOf(flow, moves, live), [flow, moves, live])
  const strange = moves.length > 0 && !belongs(flow, moves)
  return (
    <Stack gap="xs">
      {strange && (
        <Text size="sm" c="dimmed">
          {t('otherFlow')}
        </Text>
      )}
      <div className={classes.frame}>
        <Suspense fallback={<Loading rows={6} />}>
          <FlowCanvas flow={flow} walk={walk} follow={live} label={live ? t('pathLive') : t('path')} />
        </Suspense>
      </div>
      {steps && <Steps flow={flow} moves={moves} live={live} />}
    </Stack>
  )
}

function Steps({ flow, moves, live }: Omit<FlowPathProps, 'steps'>) {
  const { t } = useTranslation('flow')
  if (moves.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('noMoves')}
      </Text>
    )
  return (
    <ol className={classes.steps} aria-label={t('path')} aria-live={live ? 'polite' : undefined}>
      {moves.map(({ node, by }, i) => (
        <li
          key={i}
          aria-current={live && i === moves.length - 1 ? 'step' : undefined}
          title={by in BY ? t(`by.${by as keyof typeof BY}`) : undefined}
        >
          {t('step', { number: i + 1, name: flow.nodes[node]?.label || node })}
        </li>
      ))}
    </ol>
  )
}

const BY = { condition: 1, model: 1, always: 1, phrase: 1, keys: 1, failure: 1 }
