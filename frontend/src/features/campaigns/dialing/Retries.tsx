/** What happens after each outcome: a row each, with the days of the plan in words. */
import { Checkbox, Group, Stack, Switch, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { RETRY_OUTCOMES, type RetryOutcome } from '../shared/types'
import { Advanced, Count, Duration, Percent } from '../setup/fields'
import { useSetupForm } from '../setup/form'
import { USUAL, waitsOf } from './retries'
import { unitOf, UNITS } from '../shared/units'
import classes from '../setup/setup.module.css'

export function Retries() {
  return (
    <ul className={classes.rows}>
      {RETRY_OUTCOMES.map((outcome) => (
        <li key={outcome}>
          <OutcomeRow outcome={outcome} />
        </li>
      ))}
    </ul>
  )
}

function OutcomeRow({ outcome }: { outcome: RetryOutcome }) {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const { retries } = form.values.config.attempts
  const retry = retries[outcome]
  const label = t(`outcome.${outcome}`)
  const toggle = (on: boolean) => {
    const rest = Object.fromEntries(Object.entries(retries).filter(([name]) => name !== outcome))
    form.setFieldValue('config.attempts.retries', on ? { ...rest, [outcome]: USUAL } : rest)
  }
  return (
    <Stack gap="sm" role="group" aria-label={label}>
      <Group justify="space-between" align="baseline">
        <Switch
          label={label}
          aria-label={t('retries.again', { outcome: label })}
          checked={retry !== undefined}
          onChange={(event) => toggle(event.currentTarget.checked)}
        />
        <Text size="sm" c="dimmed">
          <Plan outcome={outcome} />
        </Text>
      </Group>
      {retry && (
        <Advanced
          label={t('retries.change', { outcome: label })}
          places={[`config.attempts.retries.${outcome}`]}
        >
          <RetryFields outcome={outcome} />
        </Advanced>
      )}
    </Stack>
  )
}

/** "3 more: after 10 minutes, 20 minutes, 40 minutes". */
function Plan({ outcome }: { outcome: RetryOutcome }) {
  const { t } = useTranslation('campaigns')
  const retry = useSetupForm().values.config.attempts.retries[outcome]
  const waits = retry ? waitsOf(retry) : []
  if (waits.length === 0) return t('retries.final')
  const words = waits.map((seconds) => {
    const unit = unitOf(seconds)
    return t(`amount.${unit}`, { count: seconds / UNITS[unit] })
  })
  return t('retries.plan', { count: waits.length, waits: words.join(', ') })
}

function RetryFields({ outcome }: { outcome: RetryOutcome }) {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const place = `config.attempts.retries.${outcome}`
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
        <Count place={`${place}.times`} label={t('retries.times')} least={0} most={20} />
        <Duration place={`${place}.after_s`} label={t('retries.after')} />
      </Group>
      <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
        <Count
          place={`${place}.backoff`}
          label={t('retries.backoff')}
          description={t('retries.backoffHelp')}
          least={1}
          most={10}
          decimals={1}
        />
        <Percent
          place={`${place}.jitter`}
          label={t('retries.jitter')}
          description={t('retries.jitterHelp')}
        />
      </Group>
      <Checkbox
        label={t('retries.otherTime')}
        {...form.getInputProps(`${place}.other_time_of_day`, { type: 'checkbox' })}
      />
      <Checkbox
        label={t('retries.otherNumber')}
        {...form.getInputProps(`${place}.other_number`, { type: 'checkbox' })}
      />
    </Stack>
  )
}
