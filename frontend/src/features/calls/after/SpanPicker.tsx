/** Lies over the waveform: a part of it is chosen by drawing over it. The fields below do the same. */
import { useRef } from 'react'
import { placed } from '@/components/call/Wave'
import classes from './after.module.css'
import { between, type Picked, timeAt } from './span'

interface SpanPickerProps {
  picked: Picked
  durationMs: number
  onChange: (picked: Picked) => void
}

export function SpanPicker({ picked, durationMs, onChange }: SpanPickerProps) {
  const from = useRef<number | null>(null)
  const at = (event: React.PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    return timeAt(event.clientX - left, width, durationMs)
  }
  return (
    <div
      className={classes.picker}
      aria-hidden
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        from.current = at(event)
        onChange(between(from.current, from.current, picked.side))
      }}
      onPointerMove={(event) => {
        if (from.current !== null) onChange(between(from.current, at(event), picked.side))
      }}
      onPointerUp={() => {
        from.current = null
      }}
      onPointerCancel={() => {
        from.current = null
      }}
    >
      <div
        className={classes.picked}
        data-side={picked.side}
        style={placed(picked.startMs, picked.endMs, durationMs)}
      />
    </div>
  )
}
