/** Interruptions, keys, tools and trouble above the waveform, where they happened. */
import { Tooltip } from '@mantine/core'
import { IconAlertTriangle, IconDialpad, IconHandStop, IconTool } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { duration, latency } from '@/components/format'
import classes from './call.module.css'
import { type Mark, rowsOf } from './marks'

const PICTURES = {
  barge_in: IconHandStop,
  dtmf: IconDialpad,
  tool: IconTool,
  trouble: IconAlertTriangle,
} as const

/** A mark, 24 px high, and some room. */
const ROW_PX = 27

interface MarksProps {
  marks: readonly Mark[]
  durationMs: number
  onSeek: (ms: number) => void
}

export function Marks({ marks, durationMs, onSeek }: MarksProps) {
  const words = useWords()
  if (marks.length === 0) return null
  const rows = rowsOf(marks, durationMs)
  return (
    <div className={classes.marks} style={{ height: (Math.max(...rows) + 1) * ROW_PX }}>
      {marks.map((mark, i) => {
        const Picture = PICTURES[mark.event.type]
        const label = `${duration(mark.atMs)} ${words(mark.event)}`
        return (
          <Tooltip key={mark.seq} label={label} multiline maw={300}>
            <button
              type="button"
              className={classes.mark}
              data-kind={mark.event.type}
              // Inside the box at its very ends as well.
              style={{
                left: `clamp(12px, ${(100 * mark.atMs) / durationMs}%, 100% - 12px)`,
                bottom: 2 + rows[i]! * ROW_PX,
              }}
              aria-label={label}
              onClick={() => onSeek(mark.atMs)}
            >
              <Picture size={14} aria-hidden />
            </button>
          </Tooltip>
        )
      })}
    </div>
  )
}

function useWords() {
  const { t } = useTranslation('calls')
  return (event: Mark['event']): string => {
    switch (event.type) {
      case 'barge_in':
        return t('event_barge_inText', { time: latency(event.stop_ms) })
      case 'dtmf':
        if (event.masked) return t('event_dtmfMasked')
        return t(event.direction === 'in' ? 'event_dtmfIn' : 'event_dtmfOut', { digit: event.digit })
      case 'tool':
        return t('event_toolText', {
          name: event.name,
          time: latency(event.took_ms),
          result: event.trouble || event.result,
        })
      case 'trouble':
        return t('event_troubleText', { component: event.component, detail: event.detail || event.what })
    }
  }
}
