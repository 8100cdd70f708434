/** The third step: how numbers are written, encryption, how many calls. All of it has defaults that work. */
import { SimpleGrid, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PartProps } from '../settings/access'
import { LimitFields, NumberFormatFields, SrtpField } from '../settings/calls'
import { sends } from '../values'
import type { Kind } from './kinds'

export function CallsStep({ form, kind }: PartProps & { kind: Kind }) {
  const { t } = useTranslation('lines')
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {t('callsStepLead')}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {sends(form.values) && kind !== 'phone' && <NumberFormatFields form={form} brief />}
        <LimitFields form={form} />
        <SrtpField form={form} />
      </SimpleGrid>
    </Stack>
  )
}
