/** Numbers out of what people paste. */

/** The API takes so many at once. */
export const AT_ONCE = 1_000

const E164 = /^\+[1-9]\d{6,14}$/

/** Without what is only for the eyes: spaces, dots, dashes, brackets. */
const bare = (text: string) => text.replace(/[\s().\-/\u00a0]/g, '')

/** "+1 202-555" -> "+1202555", for a search. */
export const digitsOf = (typed: string) => bare(typed).slice(0, 16)

/** One number a line (or between commas and semicolons); what is none stands in `wrong` as it was typed. */
export function numbersIn(text: string): { numbers: string[]; wrong: string[] } {
  const parts = text
    .split(/[\n,;]+/)
    .map((part) => part.trim())
    .filter(Boolean)
  const wrong = parts.filter((part) => !E164.test(bare(part)))
  const numbers = [...new Set(parts.map(bare).filter((number) => E164.test(number)))]
  return { numbers, wrong }
}
