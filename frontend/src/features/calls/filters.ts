/** What the list of calls is narrowed by: in the address of the page, in saved views, and as the API takes it. */
import dayjs from 'dayjs'
import type { CallItem } from '@/api/live'
import type { paths } from '@/api/schema'

export type CallQuery = NonNullable<paths['/api/v1/calls']['get']['parameters']['query']>

/** Everything as text, like in an address; '' and [] mean: any. Days are those of the reader's clock. */
export interface Filters {
  q: string
  state: string[]
  direction: string
  end_reason: string[]
  answered_by: string[]
  agent: string
  number: string
  trunk: string
  /** The last so many days, today included; wins over `after` and `before`. */
  days: string
  /** YYYY-MM-DD, both included. */
  after: string
  before: string
  /** Seconds. */
  min_s: string
  max_s: string
  test: string
  tag: string
  success: string
  topic: string
  flag: string
}

export const noFilters: Filters = {
  q: '',
  state: [],
  direction: '',
  end_reason: [],
  answered_by: [],
  agent: '',
  number: '',
  trunk: '',
  days: '',
  after: '',
  before: '',
  min_s: '',
  max_s: '',
  test: '',
  tag: '',
  success: '',
  topic: '',
  flag: '',
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const WHOLE = /^\d{1,6}$/
const FITS: Partial<Record<keyof Filters, RegExp>> = {
  days: /^[1-9]\d{0,2}$/,
  after: DAY,
  before: DAY,
  min_s: WHOLE,
  max_s: WHOLE,
  test: /^(true|false)$/,
  success: /^(true|false)$/,
  direction: /^(inbound|outbound|browser)$/,
  agent: /^agt_/,
  number: /^num_/,
  trunk: /^trk_/,
}

type Stored = Record<string, unknown>

/** From an address or a saved view. What we do not know or cannot be is left out, never an error. */
export function fromSearch(search: Stored): Filters {
  const filters = { ...noFilters }
  const names = Object.keys(noFilters) as (keyof Filters)[]
  for (const name of names) {
    const value = search[name]
    if (value === undefined || value === null) continue
    if (name === 'state' || name === 'end_reason' || name === 'answered_by') {
      filters[name] = (Array.isArray(value) ? value : [value]).map(String).filter(Boolean)
      continue
    }
    const text = String(value)
    if (FITS[name]?.test(text) ?? true) filters[name] = text
  }
  return filters
}

/** For an address or a saved view: only what narrows the list. */
export function toSearch(filters: Filters): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value.length > 0))
}

export function toQuery(filters: Filters, now: Date): CallQuery {
  const {
    q,
    state,
    direction,
    end_reason,
    answered_by,
    agent,
    number,
    trunk,
    min_s,
    max_s,
    test,
    tag,
    success,
    topic,
    flag,
  } = filters
  const [after, before] = span(filters, now)
  const query: Record<string, unknown> = {
    q: q.trim(),
    state,
    direction,
    end_reason,
    answered_by,
    agent,
    number,
    trunk,
    created_after: after,
    created_before: before,
    min_duration_ms: min_s && Number(min_s) * 1000,
    max_duration_ms: max_s && Number(max_s) * 1000,
    test: test && test === 'true',
    tag,
    success: success && success === 'true',
    topic,
    flag,
  }
  const given = Object.entries(query).filter(
    ([, value]) => value !== '' && value !== undefined && !(Array.isArray(value) && value.length === 0),
  )
  return Object.fromEntries(given)
}

function span({ days, after, before }: Filters, now: Date): [string | undefined, string | undefined] {
  const iso = (day: dayjs.Dayjs) => (day.isValid() ? day.toISOString() : undefined)
  if (days)
    return [
      iso(
        dayjs(now)
          .startOf('day')
          .subtract(Number(days) - 1, 'day'),
      ),
      undefined,
    ]
  return [
    after ? iso(dayjs(after).startOf('day')) : undefined,
    before ? iso(dayjs(before).startOf('day').add(1, 'day')) : undefined,
  ]
}

/** Whether a call that has just begun belongs in the list, as far as can be told without the server. */
export function fits(call: CallItem, filters: Filters): boolean {
  const { q, state, direction, end_reason, answered_by, agent, number, trunk, before, days, min_s, test } =
    filters
  // What is known of a call only after it.
  if (filters.tag || filters.success || filters.topic || filters.flag) return false
  if (q || end_reason.length > 0 || answered_by.length > 0 || min_s || (before && !days)) return false
  return (
    (state.length === 0 || state.includes(call.state)) &&
    (!direction || direction === call.direction) &&
    (!agent || agent === call.agent) &&
    (!number || number === call.number) &&
    (!trunk || trunk === call.trunk) &&
    (!test || (test === 'true') === call.test)
  )
}

/** How many of the filters beside the search are in use. */
export function inUse(filters: Filters): number {
  return Object.keys(toSearch({ ...filters, q: '' })).length
}

export function same(a: Filters, b: Filters): boolean {
  return JSON.stringify(toSearch(a)) === JSON.stringify(toSearch(b))
}
