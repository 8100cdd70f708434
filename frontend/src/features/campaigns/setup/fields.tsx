/** Fields of the wizard in the units that people think in. */
import {
  ActionIcon,
  Collapse,
  Group,
  NumberInput,
  type NumberInputProps,
  Select,
  Stack,
  UnstyledButton,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronRight, IconTrash } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { AmountInput } from '@/components/AmountInput'
import { type Unit, unitOf, UNITS } from '../shared/units'
import { useSetupForm } from './form'
import classes from './setup.module.css'

const BELOW: NumberInputProps['inputWrapperOrder'] = ['label', 'input', 'description', 'error']

interface FieldProps {
  /** Dotted, from `config` on. */
  place: string
  label: string
  description?: string
}

function useField(place: string) {
  const form = useSetupForm()
  const { value, onChange, error, onBlur } = form.getInputProps(place)
  return {
    value: value as unknown,
    set: onChange as (value: unknown) => void,
    error: error as ReactNode,
    onBlur,
  }
}

interface CountProps extends FieldProps {
  least?: number
  most?: number
  decimals?: number
  step?: number
  suffix?: string
  /** An empty field means that there is no limit. */
  optional?: boolean
}

export function Count({
  place,
  label,
  description,
  least,
  most,
  decimals = 0,
  optional,
  ...rest
}: CountProps) {
  const { value, set, ...field } = useField(place)
  return (
    <NumberInput
      label={label}
      description={description}
      inputWrapperOrder={BELOW}
      min={least}
      max={most}
      decimalScale={decimals}
      value={typeof value === 'number' ? value : ''}
      onChange={(typed) => set(typeof typed === 'number' ? typed : optional ? null : '')}
      {...rest}
      {...field}
    />
  )
}

/** A share of 0 to 1, typed in per cent. */
export function Percent({ place, label, description }: FieldProps) {
  const { value, set, ...field } = useField(place)
  return (
    <NumberInput
      label={label}
      description={description}
      inputWrapperOrder={BELOW}
      min={0}
      max={100}
      decimalScale={0}
      suffix=" %"
      value={typeof value === 'number' ? Math.round(value * 100) : ''}
      onChange={(typed) => set(typeof typed === 'number' ? typed / 100 : '')}
      {...field}
    />
  )
}

/** Micro-units of the currency, typed in its whole ones with cents; empty: none. */
export function Money({ place, label, description }: FieldProps) {
  const { value, set, ...field } = useField(place)
  return (
    <AmountInput
      label={label}
      description={description}
      inputWrapperOrder={BELOW}
      value={typeof value === 'number' ? value : null}
      onChange={set}
      {...field}
    />
  )
}

/** Seconds, typed in the unit that fits them. */
export function Duration({ place, label, description }: FieldProps) {
  const { t } = useTranslation('campaigns')
  const { value, set, ...field } = useField(place)
  const seconds = typeof value === 'number' ? value : null
  const [unit, setUnit] = useState<Unit>(() => unitOf(seconds ?? 0))
  const change = (next: Unit) => {
    if (seconds !== null) set(Math.round((seconds / UNITS[unit]) * UNITS[next]))
    setUnit(next)
  }
  return (
    <Group gap={6} align="flex-start" wrap="nowrap">
      <NumberInput
        label={label}
        description={description}
        inputWrapperOrder={BELOW}
        min={0}
        decimalScale={2}
        flex={1}
        value={seconds === null ? '' : seconds / UNITS[unit]}
        onChange={(typed) => set(typeof typed === 'number' ? Math.round(typed * UNITS[unit]) : '')}
        {...field}
      />
      <Select
        label={t('unit')}
        aria-label={t('unitOf', { label })}
        w={108}
        allowDeselect={false}
        data={(Object.keys(UNITS) as Unit[]).map((one) => ({ value: one, label: t(`units.${one}`) }))}
        value={unit}
        onChange={(next) => next && change(next as Unit)}
      />
    </Group>
  )
}

interface FieldRowProps {
  children: ReactNode
  label: string
  onRemove: () => void
}

/** Fields beside each other, with the button that takes them away. */
export function FieldRow({ children, label, onRemove }: FieldRowProps) {
  return (
    <Group align="flex-start" gap="xs" wrap="nowrap">
      <Group align="flex-start" gap="xs" flex={1} miw={0}>
        {children}
      </Group>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={onRemove} mt={25}>
        <IconTrash size={17} />
      </ActionIcon>
    </Group>
  )
}

interface AdvancedProps {
  label: string
  /** It opens by itself when a fault lies under one of these. */
  places: readonly string[]
  children: ReactNode
}

export function Advanced({ label, places, children }: AdvancedProps) {
  const { errors } = useSetupForm()
  const [opened, { toggle }] = useDisclosure()
  const faulty = Object.keys(errors).some((at) => errors[at] && places.some((place) => at.startsWith(place)))
  const shown = opened || faulty
  return (
    <div>
      <UnstyledButton className={classes.advanced} aria-expanded={shown} onClick={toggle}>
        <IconChevronRight size={16} data-opened={shown || undefined} aria-hidden />
        {label}
      </UnstyledButton>
      <Collapse expanded={shown}>
        <Stack gap="md" pt="sm">
          {children}
        </Stack>
      </Collapse>
    </div>
  )
}
