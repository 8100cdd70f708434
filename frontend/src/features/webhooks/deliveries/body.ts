/** What was sent or answered, as one reads it: JSON indented, anything else as it is. */
export function readable(body: unknown): string {
  if (typeof body !== 'string') return JSON.stringify(body, null, 2)
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

export const isGood = (status: number | null | undefined): boolean =>
  status !== null && status !== undefined && status >= 200 && status < 300
