/**
 * Accounts: allauth's headless API for browsers (`/_allauth/browser/v1`), which is not part of our OpenAPI
 * document. Answers are `{status, data, meta, errors}`; 401 with `data.flows` says what is still to be done.
 */
import { csrfToken, tellSessionLost } from './client'
import { reached, unreachable } from './connection'
import { offline, Problem } from './problem'

const BASE = '/_allauth/browser/v1'

export interface Flow {
  id: string
  is_pending?: boolean
  provider?: { id: string; name: string }
  types?: string[]
}

/** What answers about the session hold: the person once somebody is logged in, otherwise what is to be done. */
export interface SessionData {
  user?: { id: string; email: string; full_name: string; has_usable_password: boolean }
  flows?: Flow[]
}

export interface Answer<T = unknown> {
  status: number
  data: T
  meta: { is_authenticated?: boolean; session_token?: string; recovery_codes_generated?: boolean } & Record<
    string,
    unknown
  >
}

interface Fault {
  message: string
  code: string
  param?: string
}

/** Answers that are no failures: done, a step is still to be taken (`data.flows`), not set up yet (`meta`). */
const ANSWERS = [200, 401, 404]

/** One request. Faults of fields, rate limits and everything else that fails are thrown as a `Problem`. */
export async function accounts<T = unknown>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const response = await fetch(`${BASE}/${path}`, {
    method,
    credentials: 'same-origin',
    headers: {
      ...headers,
      Accept: 'application/json',
      'X-CSRFToken': csrfToken(),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => {
    unreachable()
    throw offline()
  })
  reached()
  const answer = (await response.json().catch(() => null)) as (Answer<T> & { errors?: Fault[] }) | null
  if (response.status === 401 && !answer?.meta?.is_authenticated && ofSomebody(path)) tellSessionLost()
  if (answer && !answer.errors && ANSWERS.includes(response.status)) return answer
  throw problem(response, answer?.errors ?? [])
}

const ofSomebody = (path: string) => path.startsWith('account/') || path === 'auth/sessions'

function problem(response: Response, faults: Fault[]): Problem {
  const retry = Number(response.headers.get('Retry-After')) || undefined
  const detail =
    response.status === 429
      ? 'Too many tries. Wait a while, then try again.'
      : faults.map((f) => f.message).join(' ') || `The server answered ${response.status}.`
  const errors = faults
    .filter((f) => f.param)
    .map((f) => ({ field: f.param!, code: f.code, detail: f.message }))
  return new Problem(response.status, faults[0]?.code ?? `http_${response.status}`, detail, errors, retry)
}

/** Ends the session. The server answers 401 once nobody is logged in: that is success. */
export async function logOut(): Promise<void> {
  await accounts('DELETE', 'auth/session')
}
