/** A language model by its endpoint. */
import { Button, Checkbox, Divider, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Password } from '@/components/Password'
import type { EndpointForm } from '../config/types'
import { Limited, Part, Row } from './fields'
import { useAgentForm } from './form'

const PLACE = 'config.model'

export function EndpointFields({ keySet }: { keySet: boolean }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const model = form.values.config.model as EndpointForm
  return (
    <Stack gap="xl">
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label={t('baseUrl')}
            description={t('baseUrlHelp')}
            required
            type="url"
            {...form.getInputProps(`${PLACE}.base_url`)}
          />
          <TextInput
            label={t('modelName')}
            description={t('modelNameHelp')}
            required
            {...form.getInputProps(`${PLACE}.model`)}
          />
        </SimpleGrid>
        <Password
          label={t('apiKey')}
          description={keySet ? t('apiKeySet') : t('apiKeyHelp')}
          autoComplete="off"
          disabled={model.remove_key}
          {...form.getInputProps(`${PLACE}.api_key`)}
        />
        {keySet && (
          <Checkbox
            label={t('removeKey')}
            {...form.getInputProps(`${PLACE}.remove_key`, { type: 'checkbox' })}
          />
        )}
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <Limited place="model.temperature" label={t('temperature')} step={0.1} decimals={2} />
          <Limited place="model.max_tokens" label={t('maxTokens')} step={50} />
          <Limited place="model.timeout_ms" label={t('timeout')} suffix=" ms" step={500} />
        </SimpleGrid>
      </Stack>
      <Tools count={model.tools.length} />
    </Stack>
  )
}

const emptyTool = { name: '', description: '', parameters: '{\n  "type": "object",\n  "properties": {}\n}' }

function Tools({ count }: { count: number }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Part title={t('tools')} lead={t('toolsHelp')}>
      {Array.from({ length: count }, (_, i) => (
        <Stack key={i} gap="md">
          <Row label={t('removeTool')} onRemove={() => form.removeListItem(`${PLACE}.tools`, i)}>
            <Stack gap="xs">
              <TextInput
                label={t('toolName')}
                maw={320}
                classNames={{ input: 'tl-mono' }}
                {...form.getInputProps(`${PLACE}.tools.${i}.name`)}
              />
              <TextInput
                label={t('toolDescription')}
                {...form.getInputProps(`${PLACE}.tools.${i}.description`)}
              />
              <Textarea
                label={t('toolParameters')}
                autosize
                minRows={3}
                spellCheck={false}
                classNames={{ input: 'tl-mono' }}
                {...form.getInputProps(`${PLACE}.tools.${i}.parameters`)}
              />
            </Stack>
          </Row>
          <Divider />
        </Stack>
      ))}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => form.insertListItem(`${PLACE}.tools`, { ...emptyTool })}
      >
        {t('addTool')}
      </Button>
    </Part>
  )
}
