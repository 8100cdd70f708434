/** What is searched for among the numbers that carriers sell. */
import type { NumberType } from '../data'

export const CAPABILITIES = ['voice', 'sms', 'mms', 'fax'] as const
export type Capability = (typeof CAPABILITIES)[number]

export interface Wish {
  country: string
  type: NumberType
  area: string
  contains: string
  capabilities: Capability[]
  /** Empty: all of them. */
  carrier: string
}

/** Kinds of numbers, the most asked for first. */
export const TYPES = ['local', 'mobile', 'toll_free', 'national'] as const satisfies NumberType[]

/** Only digits and letters of what people type: "(415) 55-CALL" -> "41555CALL". */
const bareOf = (typed: string) => typed.replace(/[^0-9a-z*]/gi, '').toUpperCase()

/** As the API takes it: what is empty is left out. */
export function queryOf({ country, type, area, contains, capabilities, carrier }: Wish) {
  return {
    country,
    type,
    ...(area && { area: bareOf(area) }),
    ...(contains && { contains: bareOf(contains) }),
    ...(capabilities.length > 0 && { capabilities: capabilities.join(',') }),
    ...(carrier && { carrier }),
    limit: 30,
  }
}

/** An area code and a pattern are digits; a pattern may also hold letters, as on a telephone's keys. */
export const areaFits = (area: string): boolean => /^[\s()\-0-9]*$/.test(area)
export const containsFits = (contains: string): boolean => /^[\s()\-0-9a-z*]*$/i.test(contains)
