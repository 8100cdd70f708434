/** The form of an endpoint: from the API's values to its own, and back. */
import type { EventType } from '../data'

export interface HeaderRow {
  name: string
  /** Empty for one whose value is stored: it is kept. */
  value: string
  stored: boolean
}

export interface EndpointForm {
  url: string
  description: string
  /** Every event, also those that come to be. */
  all: boolean
  event_types: string[]
  headers: HeaderRow[]
}

interface Stored {
  url: string
  description: string
  event_types: readonly string[]
  headers: Readonly<Record<string, string>>
}

export const emptyEndpoint = (): EndpointForm => ({
  url: '',
  description: '',
  all: true,
  event_types: [],
  headers: [],
})

export const rowsOf = (headers: Readonly<Record<string, string>>): HeaderRow[] =>
  Object.keys(headers).map((name) => ({ name, value: '', stored: true }))

export function toForm({ url, description, event_types, headers }: Stored): EndpointForm {
  return {
    url,
    description,
    all: event_types.length === 0,
    event_types: [...event_types],
    headers: rowsOf(headers),
  }
}

/** Rows without a name are left out: they were begun and not needed. */
export const headersOf = (rows: readonly HeaderRow[]): Record<string, string> =>
  Object.fromEntries(rows.filter(({ name }) => name.trim()).map(({ name, value }) => [name.trim(), value]))

export function fromForm({ url, description, all, event_types, headers }: EndpointForm) {
  return {
    url: url.trim(),
    description: description.trim(),
    event_types: all ? [] : event_types,
    headers: headersOf(headers),
  }
}

/** Where the API's faults of headers belong in the form: it names them, the form counts them. */
export const headerPlaces = (rows: readonly HeaderRow[]): Record<string, string> =>
  Object.fromEntries(rows.map(({ name }, i) => [`headers.${name.trim()}`, `headers.${i}.value`]))

interface Words {
  url: string
  events: string
  header: string
  twice: string
  value: string
}

/** A token of HTTP (RFC 9110, 5.6.2). */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

export function isAddress(url: string): boolean {
  try {
    return /^https?:$/.test(new URL(url.trim()).protocol)
  } catch {
    return false
  }
}

/** Faults of headers, each at its field's path. */
export function headerFaults(rows: readonly HeaderRow[], words: Words): Record<string, string> {
  const faults: Record<string, string> = {}
  const seen = new Set<string>()
  rows.forEach(({ name, value, stored }, i) => {
    const small = name.trim().toLowerCase()
    if (!small && !value) return
    if (!HEADER_NAME.test(small)) faults[`headers.${i}.name`] = words.header
    else if (seen.has(small)) faults[`headers.${i}.name`] = words.twice
    else if (!value && !stored) faults[`headers.${i}.value`] = words.value
    seen.add(small)
  })
  return faults
}

export function check(form: EndpointForm, words: Words): Record<string, string> {
  return {
    ...(isAddress(form.url) ? {} : { url: words.url }),
    ...(!form.all && form.event_types.length === 0 ? { event_types: words.events } : {}),
    ...headerFaults(form.headers, words),
  }
}

export interface Family {
  /** `call` of `call.ended`. */
  name: string
  types: EventType[]
}

/** Event types by what they are about, in the order in which they come. */
export function familiesOf(types: readonly EventType[]): Family[] {
  const families = new Map<string, EventType[]>()
  for (const type of types) {
    const name = type.name.split('.')[0]!
    families.set(name, [...(families.get(name) ?? []), type])
  }
  return [...families].map(([name, members]) => ({ name, types: members }))
}

/** Whether an endpoint that wants `wanted` hears of the event `name`. */
export const hears = (wanted: readonly string[], name: string): boolean =>
  wanted.includes(name) || wanted.includes(`${name.split('.')[0]}.*`)

/** After a whole family is switched: its single events are in it, or gone with it. */
export function switchFamily(wanted: readonly string[], family: string, on: boolean): string[] {
  const others = wanted.filter((name) => name.split('.')[0] !== family)
  return on ? [...others, `${family}.*`] : others
}

/** After one event is switched. Of a family that was whole, the others stay. */
export function switchType(wanted: readonly string[], name: string, on: boolean, family: Family): string[] {
  const whole = `${family.name}.*`
  const single = wanted.includes(whole)
    ? [...wanted.filter((one) => one !== whole), ...family.types.map((type) => type.name)]
    : [...wanted]
  const without = single.filter((one) => one !== name)
  return on ? [...without, name] : without
}
