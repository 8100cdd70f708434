import { describe, expect, test } from 'vitest'
import { microsOf, textOf } from '@/components/amount'
import { exactMoney, funds, money } from '@/components/format'
import { amountFault, offered } from '@/features/billing/balance/amounts'
import { brandName, cardExpiry } from '@/features/billing/balance/card'
import { cameFrom } from '@/features/billing/balance/back'
import { rechargeFaults } from '@/features/billing/balance/recharge'

describe('an amount', () => {
  test.each([
    ['25', 25_000_000],
    ['25.5', 25_500_000],
    ['0.1', 100_000],
    ['.05', 50_000],
    ['8.29', 8_290_000],
    ['4.35', 4_350_000],
    ['1.005', 1_005_000],
    ['0.000001', 1],
    ['999999999.99', 999_999_999_990_000],
  ])('%j is read without a float', (text, micros) => expect(microsOf(text)).toBe(micros))

  test.each(['', '.', '1e3', '-5', '1,5', 'ten', '0.0000001', '1.2.3', ' '])('%j is none', (text) =>
    expect(microsOf(text)).toBeNull(),
  )

  test.each([0, 1, 4_100, 1_000_000, 25_500_000, 999_999_999_990_000])('%j comes back as it was', (micros) =>
    expect(microsOf(textOf(micros))).toBe(micros),
  )

  test('is written with cents, or with as much as it needs', () => {
    expect([25_000_000, 25_500_000, 4_100, null].map(textOf)).toEqual(['25.00', '25.50', '0.0041', ''])
  })
})

test('costs are rounded up, what there is down, prices not at all', () => {
  expect([1_250_000, 1_250_001, 1, 0, -1_255_000].map((micros) => money(micros))).toEqual([
    '$1.25',
    '$1.26',
    '$0.01',
    '$0.00',
    '-$1.25',
  ])
  expect([4_999_999, 9_999, 8_290_000].map((micros) => funds(micros))).toEqual(['$4.99', '$0.00', '$8.29'])
  expect([4_100, 1_000_000, 1, -50_000, 12_345_678].map((micros) => exactMoney(micros))).toEqual([
    '$0.0041',
    '$1.00',
    '$0.000001',
    '-$0.05',
    '$12.345678',
  ])
  expect(money(1_250_000, 'EUR')).toBe('€1.25')
})

describe('paying in', () => {
  const range = { least_micros: 20_000_000, most_micros: 60_000_000 }

  test('offers what is allowed', () => expect(offered(range)).toEqual([25_000_000, 50_000_000]))

  test.each([
    [null, 'none'],
    [19_999_999, 'little'],
    [20_000_000, null],
    [60_000_000, null],
    [60_000_001, 'much'],
  ] as const)('%j is %j', (micros, fault) => expect(amountFault(micros, range)).toBe(fault))

  const form = {
    enabled: true,
    threshold_micros: 5_000_000,
    amount_micros: 25_000_000,
    day_limit_micros: null,
    month_limit_micros: null,
  }

  test('recharge that is fit has no faults, and one that is off may be unfinished', () => {
    expect(rechargeFaults(form, range)).toEqual({})
    expect(rechargeFaults({ ...form, enabled: false, amount_micros: null }, range)).toEqual({})
  })

  test('a limit under one recharge is refused', () => {
    expect(rechargeFaults({ ...form, day_limit_micros: 24_999_999 }, range)).toEqual({ day: true })
    expect(rechargeFaults({ ...form, month_limit_micros: 25_000_000 }, range)).toEqual({})
    expect(rechargeFaults({ ...form, threshold_micros: null, amount_micros: 1 }, range)).toEqual({
      threshold: true,
      amount: true,
    })
  })
})

test('who comes back from the payment page', () => {
  expect([{ paid: 1 }, { paid: '0' }, { card: '1', tab: 'balance' }, { tab: 'usage' }].map(cameFrom)).toEqual(
    ['paid1', 'paid0', 'card1', null],
  )
})

test('cards as people know them', () => {
  expect(['visa', 'amex', 'cartes_bancaires'].map(brandName)).toEqual([
    'Visa',
    'American Express',
    'Cartes bancaires',
  ])
  expect(cardExpiry({ exp_month: 3, exp_year: 2031 })).toBe('03/2031')
})
