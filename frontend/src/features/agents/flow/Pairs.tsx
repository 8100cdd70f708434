/** A dictionary of texts as rows. What is half typed (a name that is empty or taken) stays in the rows only. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Row } from '../editor/fields'

interface PairsProps {
  label: string
  description?: string
  value: Record<string, string>
  onChange: (value: Record<string, string>) => void
  add: string
  readOnly?: boolean
}

type Line = [name: string, value: string]

export function Pairs({ label, description, value, onChange, add, readOnly }: PairsProps) {
  const { t } = useTranslation('agents')
  const [rows, setRows] = useState<Line[]>(() => Object.entries(value))
  const [known, setKnown] = useState(value)
  if (value !== known) {
    setKnown(value)
    // Typed here, or changed elsewhere (undo)?
    if (text(dictionary(rows)) !== text(value)) setRows(Object.entries(value))
  }
  const change = (next: Line[]) => {
    setRows(next)
    onChange(dictionary(next))
  }
  const set = (at: number, line: Line) => change(rows.map((row, i) => (i === at ? line : row)))
  return (
    <Stack gap={6} role="group" aria-label={label}>
      <div>
        <Text size="sm" fw={500}>
          {label}
        </Text>
        {description && (
          <Text size="xs" c="dimmed">
            {description}
          </Text>
        )}
      </div>
      {rows.map(([name, held], i) => (
        <Row
          key={i}
          label={t('flow.removePair', { name })}
          onRemove={() => change(rows.filter((_, at) => at !== i))}
        >
          <Group gap="xs" grow wrap="nowrap">
            <TextInput
              aria-label={t('flow.pairName', { number: i + 1 })}
              placeholder={t('namePlaceholder')}
              classNames={{ input: 'tl-mono' }}
              value={name}
              readOnly={readOnly}
              onChange={(event) => set(i, [event.currentTarget.value, held])}
            />
            <TextInput
              aria-label={t('flow.pairValue', { number: i + 1 })}
              placeholder={t('valuePlaceholder')}
              value={held}
              readOnly={readOnly}
              onChange={(event) => set(i, [name, event.currentTarget.value])}
            />
          </Group>
        </Row>
      ))}
      {!readOnly && (
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => setRows([...rows, ['', '']])}
        >
          {add}
        </Button>
      )}
    </Stack>
  )
}

/** The first of two rows with the same name counts. */
function dictionary(rows: Line[]): Record<string, string> {
  const named = rows.map(([name, value]): Line => [name.trim(), value]).filter(([name]) => name)
  return Object.fromEntries(named.reverse())
}

const text = (value: Record<string, string>) => JSON.stringify(Object.entries(value).sort())
