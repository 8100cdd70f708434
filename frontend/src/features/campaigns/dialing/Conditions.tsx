/** Values that a call collects, as the goal of a campaign or as the wish not to be called again. */
import { Autocomplete, Button, Stack, TagsInput, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { FieldRow } from '../setup/fields'
import { useSetupForm } from '../setup/form'
import classes from '../setup/setup.module.css'

interface ConditionsProps {
  /** Dotted: where the list is. */
  place: 'config.goal.conditions' | 'config.opt_out'
  /** Names of values that the agent collects, each with those that it may take (none: any). */
  slots: Record<string, string[]>
  most: number
  none: string
}

export function Conditions({ place, slots, most, none }: ConditionsProps) {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const { goal, opt_out } = form.values.config
  const conditions = place === 'config.opt_out' ? opt_out : goal.conditions
  return (
    <Stack gap="sm" align="flex-start">
      {conditions.length === 0 ? (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      ) : (
        <ul className={classes.rows} style={{ alignSelf: 'stretch' }}>
          {conditions.map(({ slot }, i) => (
            <li key={i}>
              <FieldRow
                label={t('condition.remove', { number: i + 1 })}
                onRemove={() => form.removeListItem(place, i)}
              >
                <Autocomplete
                  label={t('condition.slot')}
                  maxLength={64}
                  data={Object.keys(slots)}
                  flex="1 1 180px"
                  {...form.getInputProps(`${place}.${i}.slot`)}
                />
                <TagsInput
                  label={t('condition.equals')}
                  description={t('condition.equalsHelp')}
                  inputWrapperOrder={['label', 'input', 'description', 'error']}
                  data={slots[slot] ?? []}
                  maxTags={20}
                  acceptValueOnBlur
                  flex="2 1 240px"
                  {...form.getInputProps(`${place}.${i}.equals`)}
                />
              </FieldRow>
            </li>
          ))}
        </ul>
      )}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        disabled={conditions.length >= most}
        onClick={() => form.insertListItem(place, { slot: '', equals: [] })}
      >
        {t('condition.add')}
      </Button>
    </Stack>
  )
}
