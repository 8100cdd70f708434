/** Slots: the words that may stand in a place of a phrase, as {day}. */
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { ScriptForm } from '../config/types'
import { Lines, Row } from '../editor/fields'
import { useAgentForm } from '../editor/form'

const PLACE = 'config.model.slots'

export function Slots() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { slots } = form.values.config.model as ScriptForm
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {t('slotsHelp')}
      </Text>
      {slots.map((slot, i) => (
        <Row
          key={i}
          label={t('removeSlot', { name: slot.name })}
          onRemove={() => form.removeListItem(PLACE, i)}
        >
          <Stack gap="xs">
            <TextInput
              label={t('slotName')}
              maw={280}
              classNames={{ input: 'tl-mono' }}
              {...form.getInputProps(`${PLACE}.${i}.name`)}
            />
            <Lines
              label={t('slotValues')}
              description={t('oneALine')}
              {...form.getInputProps(`${PLACE}.${i}.values`)}
            />
          </Stack>
        </Row>
      ))}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => form.insertListItem(PLACE, { name: '', values: [] })}
      >
        {t('addSlot')}
      </Button>
    </Stack>
  )
}
