/** Inputs that the sections share. */
import {
  ActionIcon,
  Collapse,
  Group,
  NumberInput,
  Stack,
  Text,
  Textarea,
  type TextareaProps,
  UnstyledButton,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronRight, IconTrash } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { limitsOf } from '../config/check'
import { useAgentForm } from './form'
import classes from './editor.module.css'

interface LinesProps extends Omit<TextareaProps, 'value' | 'onChange'> {
  value?: string[]
  onChange?: (lines: string[]) => void
}

const NONE: string[] = []

/** A list of texts, one a line. What is half typed (blank lines) stays in the box only. */
export function Lines({ value = NONE, onChange, ...rest }: LinesProps) {
  const [text, setText] = useState(value.join('\n'))
  const [known, setKnown] = useState(value)
  if (value !== known) {
    setKnown(value)
    if (split(text).join('\n') !== value.join('\n')) setText(value.join('\n'))
  }
  return (
    <Textarea
      autosize
      minRows={2}
      maxRows={12}
      {...rest}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        onChange?.(split(event.currentTarget.value))
      }}
    />
  )
}

const split = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

interface NumberProps {
  /** Place under `config`; also decides the limits. */
  place: string
  label: string
  description?: string
  suffix?: string
  step?: number
  decimals?: number
}

export function Limited({ place, label, description, suffix, step, decimals }: NumberProps) {
  const form = useAgentForm()
  const { t } = useTranslation('agents')
  const limits = limitsOf(place)
  const range = limits ? t('range', { least: limits[0], most: limits[1] }) : ''
  return (
    <NumberInput
      label={label}
      description={[description, range].filter(Boolean).join(' ')}
      suffix={suffix}
      step={step}
      decimalScale={decimals ?? 0}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      key={form.key(`config.${place}`)}
      {...form.getInputProps(`config.${place}`)}
    />
  )
}

/** A heading inside a section, with its fields. */
export function Part({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section" aria-label={title}>
      <div>
        <Text component="h3" fw={600} m={0}>
          {title}
        </Text>
        {lead && (
          <Text size="sm" c="dimmed">
            {lead}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  )
}

/** One row of a list of rows, with the button that takes it away. */
export function Row({
  children,
  onRemove,
  label,
}: {
  children: ReactNode
  onRemove: () => void
  label: string
}) {
  return (
    <Group align="flex-start" gap="xs" wrap="nowrap">
      <div style={{ flex: 1, minWidth: 0 }}>{children}</div>
      <ActionIcon variant="subtle" color="gray" size="lg" onClick={onRemove} aria-label={label} mt={1}>
        <IconTrash size={17} />
      </ActionIcon>
    </Group>
  )
}

/** What few need. It opens by itself when a fault lies in it: `places` begin like its fields. */
export function Advanced({
  name,
  places,
  children,
}: {
  name: string
  places: string[]
  children: ReactNode
}) {
  const { t } = useTranslation('agents')
  const { errors } = useAgentForm()
  const [opened, { toggle }] = useDisclosure()
  const faulty = Object.keys(errors).some((at) => errors[at] && places.some((place) => at.startsWith(place)))
  const shown = opened || faulty
  return (
    <div>
      <UnstyledButton
        className={classes.advanced}
        aria-expanded={shown}
        aria-label={t('advancedNames', { name })}
        onClick={toggle}
      >
        <IconChevronRight size={16} data-opened={shown || undefined} aria-hidden />
        {t('advanced')}
      </UnstyledButton>
      <Collapse expanded={shown}>
        <Stack gap="md" pt="sm">
          {children}
        </Stack>
      </Collapse>
    </div>
  )
}
