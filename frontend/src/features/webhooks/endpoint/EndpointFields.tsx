/** What is set of an endpoint. */
import { Stack, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { EventPicker } from './EventPicker'
import { HeaderFields } from './HeaderFields'
import type { EndpointForm } from './values'

export function EndpointFields({ form }: { form: UseFormReturnType<EndpointForm> }) {
  const { t } = useTranslation('webhooks')
  return (
    <Stack gap="lg">
      <TextInput
        label={t('url')}
        description={t('urlHelp')}
        placeholder={t('urlHint')}
        type="url"
        maxLength={2000}
        spellCheck={false}
        {...form.getInputProps('url')}
      />
      <TextInput
        label={t('description')}
        description={t('descriptionHelp')}
        maxLength={500}
        {...form.getInputProps('description')}
      />
      <EventPicker form={form} />
      <HeaderFields form={form} />
    </Stack>
  )
}

export function useFormWords() {
  const { t } = useTranslation('webhooks')
  return {
    url: t('fault.url'),
    events: t('fault.events'),
    header: t('fault.header'),
    twice: t('fault.twice'),
    value: t('fault.value'),
  }
}
