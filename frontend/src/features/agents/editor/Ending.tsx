/** How calls end, what is said when something fails, and whether calls are recorded. */
import { Checkbox, NumberInput, Stack, Switch, Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { REDACTED } from '../config/types'
import { Lines, Part } from './fields'
import { useAgentForm } from './form'

const SECOND = 1_000
const MINUTE = 60_000
const WARNING_MS = 60_000

export function Ending() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Stack gap="xl">
      <Part title={t('endCall')}>
        <Lines
          label={t('endCallPhrases')}
          description={t('endCallPhrasesHelp')}
          {...form.getInputProps('config.end_call_phrases')}
        />
        <Scaled
          place="config.max_duration_ms"
          unit={MINUTE}
          label={t('maxDuration')}
          description={t('maxDurationHelp')}
          suffix={t('minutesSuffix')}
        />
        <Warning />
        <Textarea
          label={t('maxDurationMessage')}
          description={t('maxDurationMessageHelp')}
          autosize
          minRows={2}
          {...form.getInputProps('config.max_duration_message')}
        />
        <Textarea
          label={t('moneyEndedMessage')}
          description={t('moneyEndedMessageHelp')}
          autosize
          minRows={2}
          {...form.getInputProps('config.money_ended_message')}
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
        <Checkbox.Group
          label={t('redact')}
          description={t('redactHelp')}
          {...form.getInputProps('config.redact')}
        >
          <Stack gap="xs" mt="xs">
            {REDACTED.map((kind) => (
              <Checkbox key={kind} value={kind} label={t(`redacts.${kind}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
      </Part>
    </Stack>
  )
}

function Warning() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const place = 'config.max_duration_warning_ms'
  const warns = form.values.config.max_duration_warning_ms !== null
  return (
    <>
      <Switch
        label={t('warn')}
        description={t('warnHelp')}
        {...form.getInputProps(place, { type: 'checkbox' })}
        error={undefined}
        checked={warns}
        onChange={(event) => form.setFieldValue(place, event.currentTarget.checked ? WARNING_MS : null)}
      />
      {warns && (
        <>
          <Scaled
            place={place}
            unit={SECOND}
            label={t('warnBefore')}
            description={t('warnBeforeHelp')}
            suffix={t('secondsSuffix')}
          />
          <Textarea
            label={t('warningText')}
            autosize
            minRows={2}
            {...form.getInputProps('config.max_duration_warning')}
          />
        </>
      )}
    </>
  )
}

interface ScaledProps {
  place: 'config.max_duration_ms' | 'config.max_duration_warning_ms'
  /** ms of what is shown. */
  unit: number
  label: string
  description: string
  suffix: string
}

/** A duration in a unit that people count in. */
function Scaled({ place, unit, label, description, suffix }: ScaledProps) {
  const form = useAgentForm()
  const { value, ...input } = form.getInputProps(place) as { value: unknown }
  return (
    <NumberInput
      label={label}
      description={description}
      maw={260}
      decimalScale={2}
      step={1}
      suffix={suffix}
      {...input}
      value={typeof value === 'number' ? Math.round((value / unit) * 100) / 100 : ''}
      onChange={(shown) =>
        form.setFieldValue(
          place,
          // An empty box is a fault that the check names, not a limit of zero.
          (typeof shown === 'number' ? Math.round(shown * unit) : '') as number,
        )
      }
    />
  )
}
