/** The values to take out of each call. */
import { Button, Divider, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { ExtractionField } from '../config/types'
import { Lines, Part, Row } from './fields'
import { useAgentForm } from './form'

const TYPES = ['string', 'number', 'boolean', 'date', 'enum'] as const
const empty: ExtractionField = { name: '', type: 'string', description: '', choices: [] }

export function Extraction() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const fields = form.values.config.extraction
  return (
    <Part title={t('extraction')} lead={t('extractionHelp')}>
      {fields.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noExtraction')}
        </Text>
      )}
      <Stack gap="md">
        {fields.map((field, i) => (
          <Stack key={i} gap="md">
            <Row
              label={t('removeField', { name: field.name })}
              onRemove={() => form.removeListItem('config.extraction', i)}
            >
              <Field index={i} type={field.type} />
            </Row>
            <Divider />
          </Stack>
        ))}
      </Stack>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => form.insertListItem('config.extraction', { ...empty })}
      >
        {t('addField')}
      </Button>
    </Part>
  )
}

function Field({ index, type }: { index: number; type: ExtractionField['type'] }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const place = `config.extraction.${index}`
  return (
    <Stack gap="xs" role="group" aria-label={t('fieldLabel', { number: index + 1 })}>
      <Group align="flex-start" gap="xs" grow preventGrowOverflow={false}>
        <TextInput
          label={t('fieldName')}
          classNames={{ input: 'tl-mono' }}
          {...form.getInputProps(`${place}.name`)}
        />
        <Select
          label={t('fieldType')}
          allowDeselect={false}
          data={TYPES.map((value) => ({ value, label: t(`types.${value}`) }))}
          {...form.getInputProps(`${place}.type`)}
        />
      </Group>
      <TextInput label={t('fieldDescription')} {...form.getInputProps(`${place}.description`)} />
      {type === 'enum' && (
        <Lines label={t('choices')} description={t('oneALine')} {...form.getInputProps(`${place}.choices`)} />
      )}
    </Stack>
  )
}
