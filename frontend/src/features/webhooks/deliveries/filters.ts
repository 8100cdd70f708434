/** What the log is narrowed by: in the address, so that it can be sent to somebody. */

export const STATES = ['pending', 'delivered', 'dead'] as const
export type State = (typeof STATES)[number]

export interface LogFilters {
  state?: State
  type?: string
  key?: string
}

export function filtersOf(search: Record<string, unknown>): LogFilters {
  const text = (name: string) => {
    const value = search[name]
    return value === undefined || value === null || value === '' ? undefined : String(value)
  }
  const state = STATES.find((one) => one === search.state)
  const [type, key] = [text('type'), text('key')]
  return { ...(state ? { state } : {}), ...(type ? { type } : {}), ...(key ? { key } : {}) }
}

/** The address of the page of what an event is about, within the tenant; null when there is none. */
export function pageOf(key: string): string | null {
  const pages: Record<string, string> = { call: 'calls', cmp: 'campaigns', trk: 'trunks', agt: 'agents' }
  const page = pages[key.split('_')[0] ?? '']
  return page ? `${page}/${key}` : null
}
