/**
 * Accounts: allauth's headless API for browsers (`/_allauth/browser/v1`), which is not part of our OpenAPI
 * document. Answers are `{status, data, meta, errors}`; 401 with `data.flows` says what is still to be done.
 */
import { csrfToken } from './client'
import { offline, Problem } from './problem'

const BASE = '/_allauth/browser/v1'

export interface Flow {
  id: string
  is_pending?: boolean
  provider?: { id: string; name: string }
  types?: string[]
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

/**
 * One request. Answers of 200 and of 401 (which carries the flows that are open) are returned; faults of
 * fields, rate limits and everything else are thrown as a `Problem`.
 */
export async function accounts<T = unknown>(
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const response = await fetch(`${BASE}/${path}`, {
    method,
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json',
      'X-CSRFToken': csrfToken(),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => {
    throw offline()
  })
  const answer = (await response.json().catch(() => null)) as (Answer<T> & { errors?: Fault[] }) | null
  if (answer && !answer.errors && (response.ok || response.status === 401)) return answer
  throw problem(response, answer?.errors ?? [])
}

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
