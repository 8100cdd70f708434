/** The name that phones show for calls from a number, kept in the carrier's register, and how far it is. */
import { Badge, Group, Text, TextInput, type TextInputProps } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PhoneNumber } from '../data'

const COLORS = { pending: 'amber', active: 'petrol', failed: 'red' } as const

export function CallerName({ number, ...field }: { number: PhoneNumber } & TextInputProps) {
  const { t } = useTranslation('lines')
  const { caller_name, caller_name_state, caller_name_problem } = number
  return (
    <div>
      <TextInput label={t('callerName')} description={t('callerNameHelp')} maxLength={15} {...field} />
      {caller_name_state && (
        <Group gap="xs" mt={6}>
          <Badge color={COLORS[caller_name_state]}>{t(`callerNameState.${caller_name_state}`)}</Badge>
          <Text size="xs" c="dimmed">
            {caller_name || t('callerNameNone')}
          </Text>
        </Group>
      )}
      {caller_name_problem && <Text size="sm">{caller_name_problem}</Text>}
    </div>
  )
}
