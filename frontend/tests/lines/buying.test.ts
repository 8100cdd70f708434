import { describe, expect, test } from 'vitest'
import { areaFits, containsFits, queryOf, type Wish } from '@/features/lines/buying/search'
import type { Requirements } from '@/features/lines/data'
import { bundleBody, documentsOf, emptyBundle, fieldsOf, wantsAddress } from '@/features/lines/papers/bundle'
import { billFault } from '@/features/lines/ports/bill'

describe('a search', () => {
  const wish: Wish = { country: 'US', type: 'local', area: '', contains: '', capabilities: [], carrier: '' }

  test('leaves out what is empty', () =>
    expect(queryOf(wish)).toEqual({ country: 'US', type: 'local', limit: 30 }))

  test('takes numbers as people type them', () => {
    expect(queryOf({ ...wish, area: '(415)', contains: '55-call', capabilities: ['voice', 'sms'] })).toEqual({
      country: 'US',
      type: 'local',
      area: '415',
      contains: '55CALL',
      capabilities: 'voice,sms',
      limit: 30,
    })
  })

  test('refuses what no number holds', () => {
    expect([areaFits('415'), areaFits('4a5'), containsFits('55-call'), containsFits('5;5')]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })
})

describe('papers', () => {
  const requirements = {
    carrier: 'twilio',
    country: 'DE',
    type: 'local',
    address: 'local',
    bundle: true,
    wanted: [
      {
        kind: 'identity',
        name: 'business',
        words: '',
        accepted: [],
        fields: [{ name: 'business_name', words: 'Name' }],
      },
      {
        kind: 'document',
        name: 'proof',
        words: 'Proof of address',
        accepted: [
          { name: 'utility_bill', words: 'Bill' },
          { name: 'tax_notice', words: 'Tax notice' },
        ],
        fields: [
          { name: 'address_sids', words: 'Address' },
          { name: 'issued_on', words: 'Date' },
        ],
      },
    ],
  } as unknown as Requirements

  test('begin with the first document of each kind, an address apart', () => {
    const draft = emptyBundle(requirements)
    expect(draft.attributes).toEqual({ business_name: '' })
    expect(draft.papers).toEqual([{ type: 'utility_bill', attributes: { issued_on: '' }, address: null }])
    const [proof] = documentsOf(requirements)
    expect(fieldsOf(proof!).map(({ name }) => name)).toEqual(['issued_on'])
    expect(wantsAddress(proof!)).toBe(true)
  })

  test('are sent without what is empty', () => {
    const draft = emptyBundle(requirements)
    draft.owner = ' Acme GmbH '
    draft.email = 'owner@example.com'
    draft.papers[0]!.address = 'adr_1'
    expect(bundleBody(draft, requirements)).toEqual({
      carrier: 'twilio',
      country: 'DE',
      type: 'local',
      label: 'Acme GmbH',
      owner: 'Acme GmbH',
      email: 'owner@example.com',
      business: true,
      attributes: {},
      papers: [{ type: 'utility_bill', attributes: {}, address: 'adr_1' }],
    })
  })
})

test('a bill is a small PDF or picture', () => {
  expect(billFault(null)).toBeNull()
  expect(billFault({ size: 1_400_000, type: 'application/pdf' })).toBeNull()
  expect(billFault({ size: 1_400_001, type: 'image/png' })).toBe('size')
  expect(billFault({ size: 5, type: 'text/html' })).toBe('type')
})
