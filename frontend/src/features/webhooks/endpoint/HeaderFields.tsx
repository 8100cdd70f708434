/** Headers that go with each request. Their values are written, never read. */
import { ActionIcon, Button, Stack, Text, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from '../webhooks.module.css'
import type { HeaderRow } from './values'

const EMPTY: HeaderRow = { name: '', value: '', stored: false }

export function HeaderFields<T extends { headers: HeaderRow[] }>({ form }: { form: UseFormReturnType<T> }) {
  const { t } = useTranslation('webhooks')
  return (
    <Stack gap="xs" role="group" aria-label={t('headers')}>
      <div>
        <Text size="sm" fw={500}>
          {t('headers')}
        </Text>
        <Text size="xs" c="dimmed">
          {t('headersHelp')}
        </Text>
      </div>
      {form.values.headers.map(({ stored }, i) => (
        <div key={i} className={classes.pair}>
          <TextInput
            aria-label={t('headerName', { number: i + 1 })}
            placeholder={t('headerNameHint')}
            spellCheck={false}
            readOnly={stored}
            {...form.getInputProps(`headers.${i}.name`)}
          />
          <TextInput
            aria-label={t('headerValue', { number: i + 1 })}
            placeholder={stored ? t('headerStored') : t('headerValueHint')}
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps(`headers.${i}.value`)}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('headerRemove', { number: i + 1 })}
            onClick={() => form.removeListItem('headers', i)}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </div>
      ))}
      {form.errors.headers && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {form.errors.headers}
        </Text>
      )}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => form.insertListItem('headers', EMPTY as never)}
      >
        {t('headerAdd')}
      </Button>
    </Stack>
  )
}
