/** How long the agent took to answer, as a bar of its parts. */
import { Stack, Text, Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { latency as inWords } from '@/components/format'
import classes from './call.module.css'
import type { Latency, LatencyPart } from './types'

/** In the order in which they happen. */
export const LATENCY_PARTS: readonly LatencyPart[] = [
  'endpoint',
  'transcript',
  'retrieval',
  'first_token',
  'sentence',
  'first_audio',
  'own',
]

interface LatencyBarsProps {
  latency: Latency | null | undefined
  /** What the whole width stands for, ms; bars of one list share it. Left out: the bar is as wide as it can be. */
  scaleMs?: number
  /** Numbers of the parts under the bar. */
  numbers?: boolean
}

export function LatencyBars({ latency, scaleMs, numbers = true }: LatencyBarsProps) {
  const { t } = useTranslation('call')
  if (!latency) return null
  const parts = measured(latency)
  const sum = parts.reduce((all, [, ms]) => all + ms, 0)
  const total = latency.total ?? sum
  if (total <= 0) return null
  const words = parts.map(([part, ms]) => t('latencyPart', { part: t(`part_${part}`), time: inWords(ms) }))
  return (
    <Stack gap={4} my={4}>
      <div
        role="img"
        aria-label={t('latencySummary', { total: inWords(total), parts: words.join(', ') })}
        className={classes.bar}
        style={{ width: `${Math.min(100, (100 * total) / (scaleMs ?? total))}%` }}
      >
        {parts.map(([part, ms]) => (
          // Parts may overlap in time: they share the bar, whose length is the true total.
          <Tooltip key={part} label={t('latencyPart', { part: t(`part_${part}`), time: inWords(ms) })}>
            <span className={classes.part} data-part={part} style={{ flex: ms / (sum || 1) }} />
          </Tooltip>
        ))}
      </div>
      {numbers && (
        <ul className={classes.parts} aria-hidden>
          {parts.map(([part, ms]) => (
            <li key={part}>
              <span className={classes.swatch} data-part={part} />
              {t('latencyPart', { part: t(`part_${part}`), time: inWords(ms) })}
            </li>
          ))}
          <li>
            <Text span inherit fw={600} c="var(--mantine-color-text)">
              {t('latencyPart', { part: t('total'), time: inWords(total) })}
            </Text>
          </li>
        </ul>
      )}
    </Stack>
  )
}

/** What the colours of the parts mean. */
export function LatencyLegend() {
  const { t } = useTranslation('call')
  return (
    <ul className={classes.parts} aria-label={t('latencyParts')}>
      {LATENCY_PARTS.map((part) => (
        <li key={part}>
          <span className={classes.swatch} data-part={part} aria-hidden />
          <Tooltip label={t(`hint_${part}`)}>
            <span>{t(`part_${part}`)}</span>
          </Tooltip>
        </li>
      ))}
    </ul>
  )
}

function measured(latency: Latency): [LatencyPart, number][] {
  return LATENCY_PARTS.flatMap((part) => {
    const ms = latency[part]
    return ms == null || ms <= 0 ? [] : [[part, ms] as [LatencyPart, number]]
  })
}
