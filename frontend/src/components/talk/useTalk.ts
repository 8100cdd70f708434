import { useCallback, useEffect, useRef, useState } from 'react'
import { FloorTrack } from './floor'
import { TalkSession, type Wish } from './session'
import { silent, type TalkState } from './talkState'

/** A talk with an agent, tied to the component: it ends when the component goes. */
export function useTalk() {
  const [state, setState] = useState<TalkState>(silent)
  const [level, setLevel] = useState(0)
  const [muted, setMuted] = useState(false)
  const [floor] = useState(() => new FloorTrack())
  const session = useRef<TalkSession | null>(null)
  useEffect(() => () => session.current?.dispose(), [])

  const start = useCallback(
    (wish: Wish, before: () => Promise<boolean>) => {
      session.current?.dispose()
      floor.clear()
      session.current = new TalkSession({
        onState: setState,
        onLevel: setLevel,
        onFloor: (point) => floor.push(point),
      })
      setMuted(false)
      void session.current.start(wish, before)
    },
    [floor],
  )
  const hangUp = useCallback(() => session.current?.hangUp(), [])
  const press = useCallback((digit: string) => session.current?.press(digit), [])
  const mute = useCallback((on: boolean) => {
    setMuted(on)
    session.current?.setMuted(on)
  }, [])
  return { state, level, muted, floor, start, hangUp, press, mute }
}
