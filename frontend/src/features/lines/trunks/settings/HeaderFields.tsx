/** A list of SIP headers with what each is about. */
import { ActionIcon, Button, Stack, Text, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from '../trunks.module.css'
import type { TrunkForm } from '../values'

interface HeaderFieldsProps {
  form: UseFormReturnType<TrunkForm>
  list: 'headers_out' | 'headers_in'
}

export function HeaderFields({ form, list }: HeaderFieldsProps) {
  const { t } = useTranslation('lines')
  const value = t(list === 'headers_out' ? 'headerValue' : 'headerVariable')
  return (
    <Stack gap="xs" role="group" aria-label={t(list)}>
      <div>
        <Text size="sm" fw={500}>
          {t(list)}
        </Text>
        <Text size="xs" c="dimmed">
          {list === 'headers_out' ? t('headers_outHelp', { example: '{{account}}' }) : t('headers_inHelp')}
        </Text>
      </div>
      {form.values[list].map((_, i) => (
        <div key={i} className={classes.pair}>
          <TextInput
            aria-label={t('headerNameOf', { number: i + 1 })}
            placeholder={t(list === 'headers_out' ? 'headerOutExample' : 'headerInExample')}
            spellCheck={false}
            {...form.getInputProps(`${list}.${i}.name`)}
          />
          <TextInput
            aria-label={t('headerValueOf', { what: value, number: i + 1 })}
            placeholder={value}
            spellCheck={false}
            {...form.getInputProps(`${list}.${i}.value`)}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('removeHeader', { number: i + 1 })}
            onClick={() => form.removeListItem(list, i)}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </div>
      ))}
      {form.errors[list] && (
        <Text size="sm" c="red" role="alert">
          {form.errors[list]}
        </Text>
      )}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => form.insertListItem(list, { name: '', value: '' })}
      >
        {t(list === 'headers_out' ? 'addHeaderOut' : 'addHeaderIn')}
      </Button>
    </Stack>
  )
}
