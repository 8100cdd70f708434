/** What is known of a call after it, as the call's page, the editor's trial and a shared page show it. */
import type { components } from '@/api/schema'

type Schemas = components['schemas']

export type Result = Pick<
  Schemas['Analysis'],
  | 'fields'
  | 'values'
  | 'summary'
  | 'outcome'
  | 'success'
  | 'reasons'
  | 'sentiment'
  | 'sentiment_score'
  | 'topics'
  | 'unanswered'
  | 'flags'
>
export type Field = Result['fields'][number]
export type Value = Result['values'][string]

/** Leads to a turn of the transcript, by its index; `quote`: the words in it that count. */
export type ShowTurn = (turn: number, quote?: string) => void
