/** Secrets for the headers of tools: written, never read. */
import { ActionIcon, Button, Group, PasswordInput, Text, TextInput } from '@mantine/core'
import { IconArrowBackUp, IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { MOST_SECRETS, type SecretForm } from '../config/tools'
import { Part } from '../editor/fields'
import { useAgentForm } from '../editor/form'

const PLACE = 'config.secrets'

export function SecretsPart() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { secrets } = form.values.config
  return (
    <Part title={t('secrets')} lead={t('secretsHelp', { secret: '{{secret.name}}' })}>
      {secrets.map((secret, i) => (
        <Secret key={i} secret={secret} at={i} />
      ))}
      {secrets.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noSecrets')}
        </Text>
      )}
      {secrets.length < MOST_SECRETS && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() =>
            form.insertListItem(PLACE, {
              name: '',
              value: '',
              stored: false,
              removed: false,
            } satisfies SecretForm)
          }
        >
          {t('addSecret')}
        </Button>
      )}
    </Part>
  )
}

function Secret({ secret: { name, stored, removed }, at }: { secret: SecretForm; at: number }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const place = `${PLACE}.${at}`
  const nameProps = form.getInputProps(`${place}.name`) as object
  return (
    <Group align="flex-start" gap="xs" wrap="nowrap">
      <Group align="flex-start" gap="xs" grow flex={1} preventGrowOverflow={false}>
        <TextInput
          aria-label={t('secretName', { number: at + 1 })}
          placeholder={t('namePlaceholder')}
          classNames={{ input: 'tl-mono' }}
          {...nameProps}
          // A stored secret goes by its name.
          readOnly={stored || ('readOnly' in nameProps && !!nameProps.readOnly)}
        />
        <PasswordInput
          aria-label={t('secretValue', { number: at + 1 })}
          placeholder={t(removed ? 'secretGone' : stored ? 'secretStored' : 'secretNew')}
          autoComplete="off"
          maxLength={2000}
          disabled={removed}
          {...form.getInputProps(`${place}.value`)}
        />
      </Group>
      {removed ? (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          mt={1}
          aria-label={t('keepSecret', { name })}
          onClick={() => form.setFieldValue(`${place}.removed`, false)}
        >
          <IconArrowBackUp size={17} />
        </ActionIcon>
      ) : (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          mt={1}
          aria-label={t('removeSecret', { name: name || at + 1 })}
          onClick={() =>
            stored ? form.setFieldValue(`${place}.removed`, true) : form.removeListItem(PLACE, at)
          }
        >
          <IconTrash size={17} />
        </ActionIcon>
      )}
    </Group>
  )
}
