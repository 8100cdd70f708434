/** Errors of the API (RFC 9457), of the network, and how a form shows them. */
import type { UseFormReturnType } from '@mantine/form'

export interface FieldFault {
  field: string
  code: string
  detail: string
}

export interface Newer {
  /** Empty when nobody is known. */
  by: string
  /** ISO 8601. */
  at: string
}

/** A refusal by the server. `status` 0: the server was not reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: FieldFault[] = [],
    readonly retryAfterS?: number,
    /** With status 412: who was newer, and when. */
    readonly newer?: Newer,
  ) {
    super(detail)
  }
}

interface Body {
  code?: string
  detail?: string
  title?: string
  errors?: FieldFault[]
  updated_by?: string
  updated_at?: string
}

export function problemFrom(response: Response, body: unknown): Problem {
  const known = (typeof body === 'object' && body !== null ? body : {}) as Body
  const retry = Number(response.headers.get('Retry-After'))
  return new Problem(
    response.status,
    known.code ?? `http_${response.status}`,
    known.detail ?? known.title ?? `The server answered ${response.status}.`,
    known.errors ?? [],
    Number.isFinite(retry) && retry > 0 ? retry : undefined,
    known.updated_at ? { by: known.updated_by ?? '', at: known.updated_at } : undefined,
  )
}

export const offline = () =>
  new Problem(0, 'offline', 'The server cannot be reached. Check your connection; nothing you typed is lost.')

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof TypeError) return offline()
  return new Problem(500, 'unexpected', error instanceof Error ? error.message : String(error))
}

/**
 * Puts each fault at its field. Returns the text for what belongs to no field of the form, or null when
 * every fault found its place. `rename` maps the API's field to the form's where they differ.
 */
export function showProblem<T>(
  form: UseFormReturnType<T>,
  error: unknown,
  rename: Record<string, string> = {},
): string | null {
  const problem = asProblem(error)
  const rest: string[] = []
  for (const fault of problem.errors) {
    const field = rename[fault.field] ?? fault.field
    if (hasField(form.getValues(), field)) form.setFieldError(field, fault.detail)
    else
      rest.push(
        fault.field && fault.field !== 'non_field_errors' ? `${fault.field}: ${fault.detail}` : fault.detail,
      )
  }
  if (problem.errors.length === 0) return problem.detail
  return rest.length > 0 ? rest.join(' ') : null
}

function hasField(values: unknown, path: string): boolean {
  let here: unknown = values
  for (const part of path.split('.')) {
    if (typeof here !== 'object' || here === null || !(part in here)) return false
    here = (here as Record<string, unknown>)[part]
  }
  return true
}
