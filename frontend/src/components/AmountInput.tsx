/** A field for an amount of money: typed in whole units and cents, kept in micro-units; empty is null. */
import { NumberInput, type NumberInputProps } from '@mantine/core'
import { useState } from 'react'
import { microsOf, textOf } from './amount'

interface AmountInputProps extends Omit<NumberInputProps, 'value' | 'onChange' | 'defaultValue'> {
  value?: number | null
  onChange?: (micros: number | null) => void
  currency?: string
}

export function AmountInput({ value = null, onChange, currency = 'USD', ...rest }: AmountInputProps) {
  const [typed, setTyped] = useState(() => textOf(value))
  // "25." and "25.00" are the same amount: what is typed stays as it is until the amount is another.
  const shown = microsOf(typed) === value ? typed : textOf(value)
  return (
    <NumberInput
      prefix={signOf(currency)}
      decimalScale={2}
      allowNegative={false}
      thousandSeparator=","
      hideControls
      clampBehavior="none"
      {...rest}
      value={shown}
      onChange={(next) => {
        setTyped(String(next))
        onChange?.(microsOf(String(next)))
      }}
    />
  )
}

/** "USD" -> "$"; of a currency without a sign of its own its three letters. */
const signOf = (currency: string): string =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency })
    .formatToParts(0)
    .flatMap(({ type, value }) => (type === 'currency' ? [value.length > 2 ? `${value} ` : value] : []))
    .join('')
