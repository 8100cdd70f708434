/** The SIP messages of a call as a ladder: who sent what to whom, and when. */
import type { CallEvent } from '@/api/live'

/** The lane of our own side. */
export const US = 'us'

export type ArrowKind = 'request' | 'provisional' | 'success' | 'failure'

export interface Arrow {
  seq: number
  /** Indexes of lanes. */
  from: number
  to: number
  /** Method, or code and reason. */
  label: string
  kind: ArrowKind
  /** Since the first message. */
  offsetMs: number
  transport: string
  /** The leg of the call, from 0; told where a new one begins. */
  leg: number
  newLeg: boolean
  retransmission: boolean
  /** The end of the text is missing. */
  cut: boolean
  /** Our end and theirs, host:port. */
  local: string
  peer: string
  at: string
  /** The whole message. */
  text: string
}

export interface Ladder {
  /** `US` and the addresses of the others, from left to right. */
  lanes: string[]
  arrows: Arrow[]
}

/** Messages in the order of their events. Who sent the first one stands on the left. */
export function ladder(events: readonly CallEvent[]): Ladder {
  const sip = events.flatMap(({ seq, at, event }) => (event.type === 'sip' ? [{ seq, at, event }] : []))
  const first = sip[0]
  if (!first) return { lanes: [], arrows: [] }
  const peers = [...new Set(sip.map(({ event }) => event.peer))]
  const lanes = lanesFor(peers, first.event.direction === 'in')
  const begin = Date.parse(first.at)
  const us = lanes.indexOf(US)
  const seen = new Set<number>()
  const arrows = sip.map(({ seq, at, event }) => {
    const leg = event.leg ?? 0
    const newLeg = !seen.has(leg)
    seen.add(leg)
    const peer = lanes.indexOf(event.peer)
    const [from, to] = event.direction === 'in' ? [peer, us] : [us, peer]
    return {
      seq,
      from,
      to,
      ...line(event.first_line),
      offsetMs: Math.max(0, Date.parse(at) - begin),
      transport: event.transport,
      leg,
      newLeg,
      retransmission: event.retransmission ?? false,
      cut: event.cut ?? false,
      local: event.local ?? '',
      peer: event.peer,
      at,
      text: event.text || event.first_line,
    }
  })
  return { lanes, arrows }
}

/** The peers on one side of us; with more than one, the first on the left and the rest on the right. */
function lanesFor(peers: string[], inbound: boolean): string[] {
  const [first, ...others] = peers
  if (inbound) return [first!, US, ...others]
  return [US, ...peers]
}

function line(firstLine: string): { label: string; kind: ArrowKind } {
  const answer = /^SIP\/2\.0 (\d{3})\s*(.*)$/.exec(firstLine)
  if (!answer) return { label: firstLine.split(' ', 1)[0] ?? firstLine, kind: 'request' }
  const code = Number(answer[1])
  const kind = code < 200 ? 'provisional' : code < 300 ? 'success' : 'failure'
  return { label: `${answer[1]} ${answer[2]}`.trim(), kind }
}

/** 1_234 -> "1.234 s"; the precision that one reads a trace with. */
export function offset(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`
}
