/** What the payment provider's page says, in the address, when somebody comes back from it. */

const KINDS = ['paid', 'card'] as const

export type Came = 'paid1' | 'paid0' | 'card1' | 'card0'

/** `?paid=1` -> "paid1"; null: nobody comes from there. */
export function cameFrom(search: Record<string, unknown>): Came | null {
  const kind = KINDS.find((one) => one in search)
  if (!kind) return null
  return `${kind}${String(search[kind]) === '1' ? '1' : '0'}`
}
