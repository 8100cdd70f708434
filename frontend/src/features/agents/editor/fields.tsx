/** Inputs that the sections share. */
import { ActionIcon, Group, NumberInput, Stack, Text, Textarea, type TextareaProps } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LIMITS } from '../config/check'
import { useAgentForm } from './form'

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
  const limits = LIMITS[place]
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
