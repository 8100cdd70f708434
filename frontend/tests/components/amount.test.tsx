import { MantineProvider } from '@mantine/core'
import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, test } from 'vitest'
import { AmountInput } from '@/components/AmountInput'

afterEach(cleanup)

/** Shows what is kept beside the field, and puts a round sum in at a click. */
function Field({ first = null }: { first?: number | null }) {
  const [micros, setMicros] = useState<number | null>(first)
  return (
    <MantineProvider>
      <AmountInput label="Amount" value={micros} onChange={setMicros} />
      <output>{String(micros)}</output>
      <button onClick={() => setMicros(50_000_000)}>Fifty</button>
    </MantineProvider>
  )
}

const kept = () => screen.getByRole('status').textContent
const field = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Amount' })

test('what is typed stays as it is typed, and is kept in micro-units', async () => {
  const user = userEvent.setup()
  render(<Field />)
  await user.type(field(), '8.2')
  expect([field().value, kept()]).toEqual(['$8.2', '8200000'])
  await user.type(field(), '9')
  expect([field().value, kept()]).toEqual(['$8.29', '8290000'])
})

test('an empty field is no amount', async () => {
  const user = userEvent.setup()
  render(<Field first={25_000_000} />)
  expect(field().value).toBe('$25.00')
  await user.clear(field())
  expect([field().value, kept()]).toEqual(['', 'null'])
})

test('an amount that is set from outside takes the place of what was typed', async () => {
  const user = userEvent.setup()
  render(<Field />)
  await user.type(field(), '12')
  await user.click(screen.getByRole('button', { name: 'Fifty' }))
  expect([field().value, kept()]).toEqual(['$50.00', '50000000'])
})

test('neither signs nor letters get in', async () => {
  const user = userEvent.setup()
  render(<Field />)
  await user.type(field(), '-1e5x.123')
  expect([field().value, kept()]).toEqual(['$15.12', '15120000'])
})
