/** Response times of many answers, ready to be drawn. */
import dayjs from 'dayjs'
import type { components } from '@/api/schema'
import { LATENCY_PARTS } from '@/components/call/LatencyBars'
import type { LatencyPart } from '@/components/call/types'

export type Percentiles = components['schemas']['Percentiles']
export type Group = Omit<components['schemas']['LatencyGroup'], 'parts'> & {
  parts: { [part in LatencyPart | 'total']?: Percentiles }
}
export type Kind = NonNullable<Group['kind']>

export const PERIODS = [1, 7, 30] as const
export type Period = (typeof PERIODS)[number]

/** A day by the hour; a week by the hour would be 168 points. */
export const stepOf = (days: Period) => (days === 1 ? 'hour' : 'day')

export const MEASURES = ['p50_ms', 'p95_ms', 'p99_ms'] as const
export type Measure = (typeof MEASURES)[number]

export type TimeRow = { label: string; turns: number } & Record<Measure, number | null> &
  Record<LatencyPart, number | null>

/** Each day or hour: the whole in its three measures, and each part in one of them. */
export function byTime(groups: readonly Group[], step: 'hour' | 'day', measure: Measure): TimeRow[] {
  const form = step === 'hour' ? 'HH:mm' : groups.length <= 7 ? 'ddd D' : 'D MMM'
  return groups.map(({ at, turns, parts }) => {
    const share = (part: LatencyPart) => parts[part]?.[measure] ?? null
    const { total } = parts
    return {
      label: dayjs(at).format(form),
      turns,
      p50_ms: total?.p50_ms ?? null,
      p95_ms: total?.p95_ms ?? null,
      p99_ms: total?.p99_ms ?? null,
      ...(Object.fromEntries(LATENCY_PARTS.map((part) => [part, share(part)])) as Record<
        LatencyPart,
        number | null
      >),
    }
  })
}

/** What a vendor's figure is, by what it does; a model has two. */
export const PARTS_OF: Record<Kind, LatencyPart[]> = {
  stt: ['transcript'],
  llm: ['first_token', 'sentence'],
  tts: ['first_audio'],
  realtime: ['first_audio'],
}

export interface VendorRow {
  key: string
  kind: Kind
  vendor: string
  model: string
  part: LatencyPart
  figures: Percentiles
}

/** A row for each part of each vendor that was measured, the fastest of its kind first. */
export function byVendor(groups: readonly Group[]): VendorRow[] {
  const kinds = Object.keys(PARTS_OF) as Kind[]
  return groups
    .flatMap(({ kind, vendor, model, parts }) =>
      kind === null || vendor === null
        ? []
        : PARTS_OF[kind].flatMap((part): VendorRow[] => {
            const figures = parts[part]
            const key = `${kind} ${vendor} ${model ?? ''} ${part}`
            return figures ? [{ key, kind, vendor, model: model ?? '', part, figures }] : []
          }),
    )
    .sort(
      (a, b) =>
        kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
        PARTS_OF[a.kind].indexOf(a.part) - PARTS_OF[b.kind].indexOf(b.part) ||
        a.figures.p50_ms - b.figures.p50_ms,
    )
}
