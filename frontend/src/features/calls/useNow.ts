import { useEffect, useState } from 'react'

/** The time, ms since 1970, once a second while `ticking`. */
export function useNow(ticking = true): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!ticking) return
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [ticking])
  return now
}
