/** Countries by their two letters (ISO 3166-1), as people call them. */

const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })

/** What ICU has a name for beside countries. */
const NO_COUNTRIES = new Set(['EU', 'EZ', 'UN', 'XA', 'XB', 'ZZ', 'QO', 'QU'])

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']

export const countryName = (code: string): string => names.of(code) ?? code

/** By name. Codes that were given up stand for the country that came after: only that one is here. */
export const COUNTRIES: readonly string[] = LETTERS.flatMap((first) =>
  LETTERS.map((second) => first + second),
)
  .filter((code) => {
    const [current] = Intl.getCanonicalLocales(`und-${code}`).map((tag) => tag.slice(4))
    return current === code && !NO_COUNTRIES.has(code) && names.of(code) !== undefined
  })
  .sort((a, b) => countryName(a).localeCompare(countryName(b)))
