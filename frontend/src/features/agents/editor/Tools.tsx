/** Functions that the model may call. */
import { Alert, Button, Divider, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconInfoCircle, IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { emptyTool } from '../config/defaults'
import { Part, Row } from './fields'
import { useAgentForm } from './form'

const MOST = 64
const PLACE = 'config.tools'

export function Tools() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { tools, model } = form.values.config
  return (
    <Part title={t('tools')} lead={t('toolsHelp')}>
      {model.provider === 'script' && (
        <Alert color="gray" icon={<IconInfoCircle size={18} />}>
          {t('toolsScript')}
        </Alert>
      )}
      {tools.map((tool, i) => (
        <Stack key={i} gap="md">
          <Row
            label={t('removeTool', { name: tool.name || i + 1 })}
            onRemove={() => form.removeListItem(PLACE, i)}
          >
            <Stack gap="xs">
              <TextInput
                label={t('toolName')}
                maw={320}
                maxLength={64}
                classNames={{ input: 'tl-mono' }}
                {...form.getInputProps(`${PLACE}.${i}.name`)}
              />
              <TextInput
                label={t('toolDescription')}
                description={t('toolDescriptionHelp')}
                maxLength={4000}
                {...form.getInputProps(`${PLACE}.${i}.description`)}
              />
              <Textarea
                label={t('toolParameters')}
                autosize
                minRows={3}
                spellCheck={false}
                classNames={{ input: 'tl-mono' }}
                {...form.getInputProps(`${PLACE}.${i}.parameters`)}
              />
            </Stack>
          </Row>
          <Divider />
        </Stack>
      ))}
      {tools.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noTools')}
        </Text>
      )}
      {tools.length < MOST && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => form.insertListItem(PLACE, emptyTool())}
        >
          {t('addTool')}
        </Button>
      )}
    </Part>
  )
}
