import { expect, test } from 'vitest'
import { money } from '@/components/format'
import { waitsOf } from '@/features/campaigns/dialing/retries'
import {
  choicesOf,
  mappingFaults,
  mappingOf,
  missingVariables,
  nameFor,
} from '@/features/campaigns/audience/mapping'
import { daysWithout, endOf, typedEnd } from '@/features/campaigns/hours/windows'
import { changesOf, faultsOf } from '@/features/campaigns/setup/changes'
import type { SetupForm } from '@/features/campaigns/setup/form'
import { beforeOf, nextOf, stepOf } from '@/features/campaigns/setup/steps'
import { unitOf } from '@/features/campaigns/shared/units'
import { inWords, spanOf } from '@/features/campaigns/shared/weekGrid'

const retry = {
  times: 3,
  after_s: 600,
  backoff: 2,
  jitter: 0.1,
  other_time_of_day: false,
  other_number: false,
}
const words = { required: 'empty', windowDays: 'days', windowOrder: 'order' }

const typed = (windows = [{ days: ['mon' as const], start: '09:00', end: '20:00' }]) =>
  ({
    name: 'Reminders',
    agent: 'agt_1',
    config: {
      hours: { windows, rules: ['local'], default_time_zone: '', not_before: null },
      number_check: null,
      variables: { greeting: '' },
    },
  }) as unknown as SetupForm

test('an interval lies where its hours are, and one until midnight reaches the end of the day', () => {
  expect(spanOf(['06:00', '18:00'])).toEqual({ left: 25, width: 50 })
  expect(spanOf(['18:00', '24:00'])).toEqual({ left: 75, width: 25 })
  expect(spanOf(['18:00:00', '00:00:00'])).toEqual({ left: 75, width: 25 })
  expect(
    inWords([
      ['09:00', '12:30'],
      ['18:00', '00:00'],
    ]),
  ).toBe('09:00–12:30, 18:00–24:00')
})

test('durations are shown in the largest unit that fits, money in cents that are never too few', () => {
  expect([10, 600, 5_400, 14_400, 86_400, 0].map(unitOf)).toEqual([
    'seconds',
    'minutes',
    'minutes',
    'hours',
    'days',
    'minutes',
  ])
  expect([money(1_250_000), money(1), money(0)]).toEqual(['$1.25', '$0.01', '$0.00'])
})

test('waits grow by the back-off', () => {
  expect(waitsOf(retry)).toEqual([600, 1_200, 2_400])
  expect(waitsOf({ ...retry, times: 0 })).toEqual([])
  expect(waitsOf({ ...retry, times: 2, after_s: 7, backoff: 1.5 })).toEqual([7, 11])
})

test('midnight is the end of the day, and days without hours are told', () => {
  expect([endOf('00:00'), endOf('20:00'), typedEnd('24:00')]).toEqual(['24:00', '20:00', '00:00'])
  expect(daysWithout([{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '', end: '' }])).toEqual([
    'sat',
    'sun',
  ])
})

test('a mapping goes through its choices and back unchanged', () => {
  const mapping = { number: 'Phone', time_zone: null, variables: { first_name: 'First name' } }
  const choices = choicesOf(['Phone', 'First name', 'Älter als'], mapping)
  expect(choices.map(({ role }) => role)).toEqual(['number', 'variable', ''])
  expect(mappingOf(choices)).toEqual({ number: 'Phone', variables: { first_name: 'First name' } })
  expect(nameFor('Älter als 3!')).toBe('a_lter_als_3')
  expect(nameFor('1st name')).toBe('st_name')
})

test('a file needs one column of numbers, and names once', () => {
  const choice = (column: string, role: 'number' | 'variable' | '', variable = '') => ({
    column,
    role,
    variable,
  })
  expect(mappingFaults([choice('a', '')])).toEqual({ '': 'number' })
  expect(mappingFaults([choice('a', 'number'), choice('b', 'number')])).toEqual({ b: 'twice' })
  expect(
    mappingFaults([choice('a', 'number'), choice('b', 'variable', 'x'), choice('c', 'variable', 'x')]),
  ).toEqual({ c: 'twice' })
  expect(mappingFaults([choice('a', 'number'), choice('b', 'variable', 'First')])).toEqual({ b: 'name' })
})

test('missing are variables without column, default of the agent and default of the campaign', () => {
  const choices = choicesOf(['Name'], { variables: { name: 'Name' } })
  const wanted = { name: '', clinic: 'North', day: '', town: '' }
  expect(missingVariables(wanted, choices, { town: 'Bonn' })).toEqual(['day'])
})

test('only changed parts of a configuration are sent', () => {
  expect(changesOf(typed(), typed())).toBeNull()
  const next = typed([])
  next.name = ' Recalls '
  expect(changesOf(typed(), next)).toEqual({ name: 'Recalls', config: { hours: next.config.hours } })
})

test('emptied fields and windows that run backwards are told in their place', () => {
  expect(faultsOf(typed(), words)).toEqual({})
  expect(faultsOf({ ...typed(), name: ' ' }, words)).toEqual({ name: 'empty' })
  const windows = [{ days: [], start: '12:00', end: '10:00' }]
  expect(faultsOf(typed(windows), words)).toEqual({
    'config.hours.windows.0.days': 'days',
    'config.hours.windows.0.end': 'order',
  })
})

test('every fault has its step', () => {
  expect(stepOf('config.hours.windows.0.end')).toBe('hours')
  expect(stepOf('hours.windows')).toBe('hours')
  expect(stepOf('callers.numbers')).toBe('dialing')
  expect(stepOf('agent')).toBe('agent')
  expect(stepOf('contacts')).toBe('contacts')
  expect(stepOf('')).toBeNull()
  expect([nextOf('check'), beforeOf('agent'), nextOf('agent')]).toEqual([null, null, 'contacts'])
})
