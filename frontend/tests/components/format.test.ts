import { describe, expect, test } from 'vitest'
import { phone, share, signedMoney } from '@/components/format'

describe('amounts that move a balance', () => {
  test.each([
    [5_000_000, '+$5.00'],
    [-47_772_635, '-$47.772635'],
    [0, '$0.00'],
  ])('%i is %s', (micros, text) => expect(signedMoney(micros)).toBe(text))
})

describe('a share', () => {
  test.each([
    [0.0008, '<1 %'],
    [0, '0 %'],
    [0.934, '93 %'],
    [null, '–'],
  ])('%s is %s', (part, text) => expect(share(part)).toBe(text))
})

test.each([
  ['+12025550100', '+1 202 555 0100'],
  ['+442079460018', '+44 207 946 0018'],
  ['+493012345678', '+49 301 234 5678'],
  ['+4930123456', '+49 301 234 56'],
  ['alice', 'alice'],
])('the number %s is written %s', (number, text) => expect(phone(number)).toBe(text))
