/** How calls end, what is said when something fails, and whether calls are recorded. */
import { NumberInput, Stack, Switch, Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Lines, Part } from './fields'
import { useAgentForm } from './form'

const MINUTE = 60_000

export function Ending() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const longest = form.values.config.max_duration_ms
  return (
    <Stack gap="xl">
      <Part title={t('endCall')}>
        <Lines
          label={t('endCallPhrases')}
          description={t('endCallPhrasesHelp')}
          {...form.getInputProps('config.end_call_phrases')}
        />
        <NumberInput
          label={t('maxDuration')}
          description={t('maxDurationHelp')}
          maw={260}
          decimalScale={2}
          step={1}
          suffix={t('minutesSuffix')}
          value={typeof longest === 'number' ? Math.round((longest / MINUTE) * 100) / 100 : ''}
          error={form.errors['config.max_duration_ms']}
          onChange={(minutes) =>
            form.setFieldValue(
              'config.max_duration_ms',
              // An empty box is a fault that the check names, not a limit of zero.
              (typeof minutes === 'number' ? Math.round(minutes * MINUTE) : '') as number,
            )
          }
        />
        <Textarea
          label={t('maxDurationMessage')}
          description={t('maxDurationMessageHelp')}
          autosize
          minRows={2}
          {...form.getInputProps('config.max_duration_message')}
        />
      </Part>
      <Part title={t('whenItFails')}>
        <Textarea
          label={t('fallback')}
          description={t('fallbackHelp')}
          autosize
          minRows={2}
          {...form.getInputProps('config.fallback_message')}
        />
      </Part>
      <Part title={t('recording')}>
        <Switch
          label={t('record')}
          description={t('recordHelp')}
          {...form.getInputProps('config.record', { type: 'checkbox' })}
        />
      </Part>
    </Stack>
  )
}
