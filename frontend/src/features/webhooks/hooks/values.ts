/** The form of a call hook: from the API's values to its own, and back. */
import type { CallHook } from '../data'
import { headerFaults, headersOf, type HeaderRow, isAddress, rowsOf } from '../endpoint/values'

export const MOMENTS = ['before_answer', 'before_dial'] as const
export const FALLBACKS = ['go_on', 'refuse'] as const

/** ms; what the server takes. */
export const DEADLINE = { least: 100, most: 5000, usual: 1000 } as const

export interface HookForm {
  url: string
  deadline_ms: number | string
  fallback: (typeof FALLBACKS)[number]
  enabled: boolean
  headers: HeaderRow[]
}

export const toForm = (hook: CallHook | null): HookForm =>
  hook
    ? {
        url: hook.url,
        deadline_ms: hook.deadline_ms,
        fallback: hook.fallback,
        enabled: hook.enabled,
        headers: rowsOf(hook.headers),
      }
    : { url: '', deadline_ms: DEADLINE.usual, fallback: 'go_on', enabled: true, headers: [] }

export const fromForm = ({ url, deadline_ms, fallback, enabled, headers }: HookForm) => ({
  url: url.trim(),
  deadline_ms: Number(deadline_ms),
  fallback,
  enabled,
  headers: headersOf(headers),
})

interface Words {
  url: string
  deadline: string
  header: string
  twice: string
  value: string
  events: string
}

export function check(form: HookForm, words: Words): Record<string, string> {
  const deadline = Number(form.deadline_ms)
  const fits = Number.isInteger(deadline) && deadline >= DEADLINE.least && deadline <= DEADLINE.most
  return {
    ...(isAddress(form.url) ? {} : { url: words.url }),
    ...(form.deadline_ms !== '' && fits ? {} : { deadline_ms: words.deadline }),
    ...headerFaults(form.headers, words),
  }
}
