/** The form of one value to extract. */
import { Autocomplete, Group, Select, Stack, Switch, Textarea, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { FIELD_TYPES, type FieldForm } from '../config/analysis'
import { collected } from '../config/collected'
import { Lines } from '../editor/fields'
import { useAgentForm } from '../editor/form'

export function FieldFields({ field, place }: { field: FieldForm; place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Stack gap="md">
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <TextInput
          label={t('after.name')}
          description={t('after.nameHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          maxLength={64}
          required
          data-autofocus
          classNames={{ input: 'tl-mono' }}
          {...form.getInputProps(`${place}.name`)}
        />
        <Select
          label={t('after.type')}
          allowDeselect={false}
          data={FIELD_TYPES.map((value) => ({ value, label: t(`after.types.${value}`) }))}
          {...form.getInputProps(`${place}.type`)}
        />
      </Group>
      <Textarea
        label={t('after.description')}
        description={t('after.descriptionHelp')}
        autosize
        minRows={2}
        {...form.getInputProps(`${place}.description`)}
      />
      {field.type === 'enum' && (
        <Lines
          label={t('choices')}
          description={t('oneALine')}
          required
          {...form.getInputProps(`${place}.choices`)}
        />
      )}
      {field.type === 'string' && (
        <TextInput
          label={t('after.pattern')}
          description={t('after.patternHelp')}
          maxLength={300}
          classNames={{ input: 'tl-mono' }}
          {...form.getInputProps(`${place}.pattern`)}
        />
      )}
      <Switch
        label={t('after.required')}
        description={t('after.requiredHelp')}
        {...form.getInputProps(`${place}.required`, { type: 'checkbox' })}
      />
      <Switch
        label={t('after.many')}
        description={t('after.manyHelp')}
        {...form.getInputProps(`${place}.many`, { type: 'checkbox' })}
      />
      <Autocomplete
        label={t('after.slot')}
        description={t('after.slotHelp')}
        placeholder={t('after.slotNone')}
        data={collected(form.values.config)}
        classNames={{ input: 'tl-mono' }}
        {...form.getInputProps(`${place}.slot`)}
      />
      <Lines
        label={t('after.keywords')}
        description={t('after.keywordsHelp')}
        {...form.getInputProps(`${place}.keywords`)}
      />
    </Stack>
  )
}
