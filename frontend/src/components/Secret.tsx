/** Something to copy; `once` for a secret that is never shown again. */
import { ActionIcon, Alert, Code, CopyButton, Group, Stack, Text, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

export function Copyable({ value, label }: { value: string; label?: string }) {
  const { t } = useTranslation('common')
  return (
    <Group gap={6} wrap="nowrap">
      <Code style={{ overflowWrap: 'anywhere' }}>{value}</Code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t('copied') : t('copy')}>
            <ActionIcon variant="subtle" onClick={copy} aria-label={label ?? t('copy')}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  )
}

export function SecretOnce({ value }: { value: string }) {
  const { t } = useTranslation('common')
  return (
    <Alert color="amber" icon={<IconKey size={18} />}>
      <Stack gap="xs">
        <Text size="sm">{t('secretOnce')}</Text>
        <Copyable value={value} />
      </Stack>
    </Alert>
  )
}
