/** Which rows of a long list are near the screen, so that only those are drawn. */
import { type RefObject, useEffect, useState } from 'react'

const MARGIN = 12

export interface Range {
  first: number
  /** Not included. */
  end: number
}

/** Rows of `height` px from `top` (of the list, from the top of the screen; negative when scrolled). */
export function visible(count: number, height: number, top: number, screen: number): Range {
  const first = Math.max(0, Math.floor(-top / height) - MARGIN)
  const end = Math.min(count, Math.ceil((screen - top) / height) + MARGIN)
  return { first: Math.min(first, Math.max(0, count - 1)), end: Math.max(end, 0) }
}

export function useWindow(list: RefObject<HTMLElement | null>, count: number, height: number): Range {
  const [range, setRange] = useState<Range>({ first: 0, end: 60 })
  useEffect(() => {
    let frame = 0
    const measure = () => {
      frame = 0
      const top = list.current?.getBoundingClientRect().top ?? 0
      const next = visible(count, height, top, window.innerHeight)
      setRange((now) => (now.first === next.first && now.end === next.end ? now : next))
    }
    const later = () => {
      frame ||= requestAnimationFrame(measure)
    }
    later()
    window.addEventListener('scroll', later, { passive: true })
    window.addEventListener('resize', later)
    return () => {
      cancelAnimationFrame(frame)
      window.removeEventListener('scroll', later)
      window.removeEventListener('resize', later)
    }
  }, [list, count, height])
  return { first: range.first, end: Math.min(range.end, count) }
}
