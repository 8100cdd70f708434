/** What transcripts are searched for: in the address of the page, and as the API takes it. */
import dayjs from 'dayjs'
import type { paths } from '@/api/schema'

export type SearchQuery = NonNullable<paths['/api/v1/calls/search']['get']['parameters']['query']>

/** Everything as text; '' means: any. */
export interface Question {
  q: string
  speaker: string
  agent: string
  /** The last so many days, today included. */
  days: string
}

const FITS: Record<keyof Question, RegExp> = {
  q: /\S/,
  speaker: /^(caller|agent)$/,
  agent: /^agt_/,
  days: /^[1-9]\d{0,2}$/,
}

/** What we do not know or cannot be is left out, never an error. */
export function fromAddress(search: Record<string, unknown>): Question {
  const question: Question = { q: '', speaker: '', agent: '', days: '' }
  for (const name of Object.keys(question) as (keyof Question)[]) {
    const value = search[name]
    if (value === undefined || value === null) continue
    const text = String(value)
    if (FITS[name].test(text)) question[name] = text
  }
  return question
}

export function toAddress(question: Question): Record<string, string> {
  return Object.fromEntries(Object.entries(question).filter(([, value]) => value !== ''))
}

export function toQuery({ q, speaker, agent, days }: Question, now: Date): SearchQuery {
  const since = days
    ? dayjs(now)
        .startOf('day')
        .subtract(Number(days) - 1, 'day')
        .toISOString()
    : ''
  const given = Object.entries({ q: q.trim(), speaker, agent, since }).filter(([, value]) => value !== '')
  return Object.fromEntries(given) as unknown as SearchQuery
}
