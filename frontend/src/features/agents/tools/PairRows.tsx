/** Headers, values to keep: names with a value, in the form's list `place`. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Pair } from '../config/rows'
import { Row } from '../editor/fields'
import { useAgentForm } from '../editor/form'

interface PairRowsProps {
  kind: 'headers' | 'save' | 'take'
  place: string
  rows: readonly Pair[]
}

export function PairRows({ kind, place, rows }: PairRowsProps) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Stack gap="xs" role="group" aria-label={t(`rows.${kind}.title`)}>
      <div>
        <Text size="sm" fw={500}>
          {t(`rows.${kind}.title`)}
        </Text>
        <Text size="xs" c="dimmed">
          {t(`rows.${kind}.help`, { secret: '{{secret.name}}' })}
        </Text>
      </div>
      {rows.map(({ name }, i) => (
        <Row
          key={i}
          label={t(`rows.${kind}.remove`, { name: name || i + 1 })}
          onRemove={() => form.removeListItem(place, i)}
        >
          <Group align="flex-start" gap="xs" grow preventGrowOverflow={false}>
            <TextInput
              aria-label={t(`rows.${kind}.name`, { number: i + 1 })}
              placeholder={t(`rows.${kind}.namePlaceholder`)}
              classNames={{ input: 'tl-mono' }}
              {...form.getInputProps(`${place}.${i}.name`)}
            />
            <TextInput
              aria-label={t(`rows.${kind}.value`, { number: i + 1 })}
              placeholder={t(`rows.${kind}.valuePlaceholder`)}
              classNames={{ input: 'tl-mono' }}
              {...form.getInputProps(`${place}.${i}.value`)}
            />
          </Group>
        </Row>
      ))}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => form.insertListItem(place, { name: '', value: '' })}
      >
        {t(`rows.${kind}.add`)}
      </Button>
    </Stack>
  )
}
