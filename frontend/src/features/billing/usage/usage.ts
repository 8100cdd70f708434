/** What was spent, ready to be drawn. */
import dayjs from 'dayjs'
import type { components } from '@/api/schema'

export type Usage = components['schemas']['Usage']
export type UsageRow = Usage['results'][number]
export type GroupBy = 'day' | 'agent' | 'campaign' | 'number' | 'component'

/** Tables that are shown one at a time beneath the chart by day. */
export const GROUPS = ['agent', 'campaign', 'number', 'component', 'day'] as const satisfies GroupBy[]

export const PERIODS = [7, 30, 90] as const
export type Period = (typeof PERIODS)[number]

/** Days, both included, as the API takes them. */
export interface Span {
  from: string
  until: string
}

const DAY = 'YYYY-MM-DD'

/** The last `period` days, today included. */
export const lastDays = (period: Period, now = new Date()): Span => ({
  from: dayjs(now)
    .subtract(period - 1, 'day')
    .format(DAY),
  until: dayjs(now).format(DAY),
})

/** Which period a span is; null: one of its own. */
export const periodOf = (span: Span, now = new Date()): Period | null =>
  PERIODS.find((period) => {
    const { from, until } = lastDays(period, now)
    return from === span.from && until === span.until
  }) ?? null

/** What a call is made of, in the order of a bill. Components that are new come after. */
export const COMPONENTS = [
  'platform',
  'included',
  'telephony',
  'stt',
  'llm',
  'tts',
  'realtime',
  'vendors',
  'numbers',
  'storage',
  'messages',
  'subscriptions',
] as const
export type Component = (typeof COMPONENTS)[number]

export const isComponent = (name: string): name is Component =>
  (COMPONENTS as readonly string[]).includes(name)

export interface DayRow {
  label: string
  calls: number
  seconds: number
  micros: number
  components: Readonly<Record<string, number>>
}

export function byDay(rows: readonly UsageRow[]): DayRow[] {
  const form = rows.length <= 7 ? 'ddd D' : 'D MMM'
  return rows.map(({ key, calls, seconds, micros, components }) => ({
    label: dayjs(key).format(form),
    calls,
    seconds,
    micros,
    components,
  }))
}

/** The components that cost something on any day, in the order of a bill. */
export function componentsIn(rows: readonly { components: Readonly<Record<string, number>> }[]): string[] {
  const found = new Set(
    rows.flatMap(({ components }) =>
      Object.entries(components).flatMap(([name, micros]) => (micros === 0 ? [] : [name])),
    ),
  )
  const known: string[] = COMPONENTS.filter((name) => found.delete(name))
  return [...known, ...[...found].sort()]
}

/** How the colours follow each other: neighbours differ in lightness, so that no colour is needed to tell. */
const COLORS = [
  'first_token',
  'first_audio',
  'transcript',
  'retrieval',
  'endpoint',
  'sentence',
  'own',
] as const

export const colorOf = (index: number): string => `var(--tl-part-${COLORS[index % COLORS.length]!})`
