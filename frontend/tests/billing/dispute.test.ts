import { expect, test } from 'vitest'
import { stageOf } from '@/features/billing/balance/dispute'

test.each([
  ['warning_needs_response', 'asked'],
  ['warning_under_review', 'asked'],
  ['warning_closed', 'closed'],
  ['needs_response', 'open'],
  ['under_review', 'open'],
  ['won', 'won'],
  ['lost', 'lost'],
  ['prevented', 'closed'],
  ['a_new_state', 'open'],
] as const)('a dispute that is %s is told as %s', (state, stage) => expect(stageOf(state)).toBe(stage))
