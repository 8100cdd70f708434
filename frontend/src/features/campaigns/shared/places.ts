/** How a place of callees is named. */
import type { PlaceKey } from './types'

const countries = new Intl.DisplayNames(['en'], { type: 'region' })

/** "United States, CA"; the empty text when the country is not known. */
export function countryOf({ country, region }: PlaceKey): string {
  const name = country ? countries.of(country) : ''
  return [name, region].filter(Boolean).join(', ')
}

/** ["America/New_York"] -> "America/New York". */
export const zonesOf = ({ zones }: PlaceKey) => zones.map((zone) => zone.replaceAll('_', ' ')).join(', ')
