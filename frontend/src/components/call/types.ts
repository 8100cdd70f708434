/** What the parts of a call that several pages show are made of. Times inside a call: ms from the answer. */
import type { components } from '@/api/schema'

type Schemas = components['schemas']

export type Source = Schemas['Source']
export type Retrieval = Schemas['Retrieval']
export type Latency = Schemas['Latency']
export type TurnAccount = Schemas['TurnAccount']
export type LatencyPart = Exclude<keyof Latency, 'total'>
export type Speaker = Schemas['Turn']['speaker']
export type CallState = Schemas['Call']['state']
export type Direction = Schemas['Call']['direction']

/** One utterance, final; a turn of the API as well as one that a live event brought. */
export interface Turn {
  index: number
  speaker: Speaker
  text: string
  start_ms: number
  end_ms: number
  interrupted?: boolean
  dtmf?: boolean
  latency?: Latency | null
  account?: TurnAccount | null
}

/** Words that are being said and may still change. */
export interface Partial {
  speaker: Speaker
  text: string
}
