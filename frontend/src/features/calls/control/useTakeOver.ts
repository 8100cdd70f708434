import { useCallback, useEffect, useRef, useState } from 'react'
import { TakeOver, type TakeOverState } from './takeOver'

/** A call that this page may take over; it is given back when the component goes. */
export function useTakeOver(call: string) {
  const [state, setState] = useState<TakeOverState>({ phase: 'off' })
  const [level, setLevel] = useState(0)
  const [muted, setMuted] = useState(false)
  const session = useRef<TakeOver | null>(null)
  useEffect(() => () => session.current?.giveBack(), [])
  const start = useCallback(() => {
    session.current?.giveBack()
    setMuted(false)
    session.current = new TakeOver(call, { onState: setState, onLevel: setLevel })
    void session.current.start()
  }, [call])
  const giveBack = useCallback(() => session.current?.giveBack(), [])
  const mute = useCallback((on: boolean) => {
    setMuted(on)
    session.current?.setMuted(on)
  }, [])
  const dismiss = useCallback(() => setState({ phase: 'off' }), [])
  return { state, level, muted, start, giveBack, mute, dismiss }
}

export type TakingOver = ReturnType<typeof useTakeOver>
