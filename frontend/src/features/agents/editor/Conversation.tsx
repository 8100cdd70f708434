/** What the agent is and how it begins: name, prompt, first message, language, variables. */
import { Autocomplete, Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Part, Row } from './fields'
import { useAgentForm } from './form'

export const LANGUAGES = ['en-US', 'en-GB', 'de-DE', 'fr-FR', 'es-ES', 'it-IT', 'nl-NL', 'pt-BR', 'pl-PL']

export function Conversation() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Stack gap="lg">
      <TextInput label={t('name')} required maxLength={200} {...form.getInputProps('name')} />
      <Textarea
        label={t('firstMessage')}
        description={t('firstMessageHelp', { variable: '{{name}}' })}
        autosize
        minRows={2}
        maxRows={8}
        {...form.getInputProps('config.first_message')}
      />
      <Textarea
        label={t('prompt')}
        description={t('promptHelp')}
        autosize
        minRows={6}
        maxRows={24}
        {...form.getInputProps('config.prompt')}
      />
      <Autocomplete
        label={t('language')}
        description={t('languageHelp')}
        data={LANGUAGES}
        maw={240}
        {...form.getInputProps('config.language')}
      />
      <Variables />
    </Stack>
  )
}

function Variables() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const rows = form.values.config.variables
  return (
    <Part title={t('variables')} lead={t('variablesHelp', { variable: '{{name}}' })}>
      {rows.map((_, i) => (
        <Row
          key={i}
          onRemove={() => form.removeListItem('config.variables', i)}
          label={t('removeVariable', { name: rows[i]!.name })}
        >
          <Group align="flex-start" gap="xs" grow preventGrowOverflow={false}>
            <TextInput
              aria-label={t('variableName', { number: i + 1 })}
              placeholder={t('namePlaceholder')}
              classNames={{ input: 'tl-mono' }}
              {...form.getInputProps(`config.variables.${i}.name`)}
            />
            <TextInput
              aria-label={t('variableValue', { number: i + 1 })}
              placeholder={t('valuePlaceholder')}
              {...form.getInputProps(`config.variables.${i}.value`)}
            />
          </Group>
        </Row>
      ))}
      {rows.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noVariables')}
        </Text>
      )}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => form.insertListItem('config.variables', { name: '', value: '' })}
      >
        {t('addVariable')}
      </Button>
    </Part>
  )
}
