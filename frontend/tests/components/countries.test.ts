import { expect, test } from 'vitest'
import { COUNTRIES, countryName } from '@/components/countries'

test('countries are there once, by name; what is none is not', () => {
  expect(COUNTRIES.length).toBeGreaterThan(240)
  expect(new Set(COUNTRIES).size).toBe(COUNTRIES.length)
  expect(COUNTRIES).toContain('US')
  expect(COUNTRIES).toContain('DE')
  for (const none of ['EU', 'DD', 'SU', 'UK', 'ZZ', 'AA']) expect(COUNTRIES).not.toContain(none)
  expect(countryName('DE')).toBe('Germany')
  expect(COUNTRIES.indexOf('AF')).toBeLessThan(COUNTRIES.indexOf('DE'))
})
