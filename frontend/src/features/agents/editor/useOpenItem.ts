/** Which item of a list is open in its drawer. One with a fault opens by itself when the fault comes. */
import { useState } from 'react'
import { useAgentForm } from './form'

export function useOpenItem(list: string) {
  const { errors } = useAgentForm()
  const [opened, setOpened] = useState<number | null>(null)
  const faulty = itemsWithFaults(errors, list)
  const [known, setKnown] = useState(0)
  if (faulty.length !== known) {
    setKnown(faulty.length)
    if (faulty.length > known && opened === null) setOpened(faulty[0]!)
  }
  return { opened, open: setOpened, close: () => setOpened(null), faulty }
}

/** Places of the items of `list` (`config.tools`) that have faults, in order. */
export function itemsWithFaults(errors: Record<string, unknown>, list: string): number[] {
  const places = Object.keys(errors)
    .filter((at) => errors[at] && at.startsWith(`${list}.`))
    .map((at) => Number(at.slice(list.length + 1).split('.')[0]))
  return [...new Set(places)].filter(Number.isInteger).sort((a, b) => a - b)
}
