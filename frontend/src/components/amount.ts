/** Amounts of money as people type them, to and from micro-units, without a float on the way. */

const CENT = 10_000

/** "25" -> 25_000_000, "0.5" -> 500_000; null for what is no amount, or has more than six decimals. */
export function microsOf(text: string): number | null {
  const found = /^(\d{0,9})(?:\.(\d{0,6}))?$/.exec(text.trim())
  if (!found || !/\d/.test(text)) return null
  const [, whole = '', parts = ''] = found
  return Number(whole + parts.padEnd(6, '0'))
}

/** 25_500_000 -> "25.50", 4_100 -> "0.0041": what `microsOf` reads as the same. */
export function textOf(micros: number | null): string {
  if (micros === null) return ''
  const digits = String(micros).padStart(7, '0')
  const [whole, parts] = [digits.slice(0, -6), digits.slice(-6)]
  return micros % CENT === 0 ? `${whole}.${parts.slice(0, 2)}` : `${whole}.${parts.replace(/0+$/, '')}`
}
