/** As whom, how fast, how often, for how much. */
import { Checkbox, Group, Select, Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Section } from '@/components/Section'
import { Advanced, Count, Duration, Money, Percent } from '../setup/fields'
import { useSetupForm } from '../setup/form'
import { CallerPool } from './CallerPool'
import { CheckSecret } from './CheckSecret'
import { Goal } from './Goal'
import { Retries } from './Retries'

const HALF = '1 1 220px'

export function DialingStep({ campaign }: { campaign: string }) {
  const { t } = useTranslation('campaigns')
  return (
    <>
      <Section title={t('callers.title')} text={t('callers.text')}>
        <Callers />
      </Section>
      <Section title={t('pacing.title')} text={t('pacing.text')}>
        <Pacing />
      </Section>
      <Section title={t('retries.title')} text={t('retries.text')}>
        <Stack gap="md">
          <Retries />
          <Caps />
        </Stack>
      </Section>
      <Section title={t('safety.title')} text={t('safety.text')}>
        <Safety />
      </Section>
      <Section title={t('consent.title')} text={t('consent.text')}>
        <ConsentFields campaign={campaign} />
      </Section>
      <Goal />
    </>
  )
}

function Callers() {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  return (
    <Stack gap="md" maw={620}>
      <CallerPool />
      <Select
        label={t('callers.strategy')}
        allowDeselect={false}
        data={(['local', 'rotate'] as const).map((value) => ({ value, label: t(`callers.${value}`) }))}
        {...form.getInputProps('config.callers.strategy')}
      />
      <Checkbox
        label={t('callers.restSuspects')}
        description={t('callers.restSuspectsHelp')}
        {...form.getInputProps('config.callers.rest_suspects', { type: 'checkbox' })}
      />
      <Advanced
        label={t('callers.advanced')}
        places={['daily_cap', 'rest_s', 'max_concurrent', 'calls_per_second', 'inbound_too'].map(
          (name) => `config.callers.${name}`,
        )}
      >
        <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
          <Count place="config.callers.daily_cap" label={t('callers.dailyCap')} least={1} most={100_000} />
          <Duration place="config.callers.rest_s" label={t('callers.rest')} />
        </Group>
        <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
          <Count
            place="config.callers.max_concurrent"
            label={t('callers.concurrent')}
            description={t('emptyIsNone')}
            least={1}
            most={10_000}
            optional
          />
          <Count
            place="config.callers.calls_per_second"
            label={t('callers.perSecond')}
            description={t('emptyIsNone')}
            decimals={2}
            most={100}
            optional
          />
        </Group>
        <Checkbox
          label={t('callers.inboundToo')}
          description={t('callers.inboundTooHelp')}
          {...form.getInputProps('config.callers.inbound_too', { type: 'checkbox' })}
        />
      </Advanced>
    </Stack>
  )
}

function Pacing() {
  const { t } = useTranslation('campaigns')
  return (
    <Stack gap="md" maw={620}>
      <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
        <Count place="config.pacing.max_concurrent" label={t('pacing.concurrent')} least={1} most={100_000} />
        <Count
          place="config.pacing.calls_per_second"
          label={t('pacing.perSecond')}
          decimals={2}
          most={1_000}
        />
      </Group>
      <Advanced label={t('pacing.advanced')} places={['config.pacing.ramp_up_s', 'config.pacing.weight']}>
        <Duration
          place="config.pacing.ramp_up_s"
          label={t('pacing.rampUp')}
          description={t('pacing.rampUpHelp')}
        />
        <Count
          place="config.pacing.weight"
          label={t('pacing.weight')}
          description={t('pacing.weightHelp')}
          least={1}
          most={100}
        />
      </Advanced>
    </Stack>
  )
}

function Caps() {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  return (
    <Stack gap="md" maw={620}>
      <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
        <Count place="config.attempts.max_per_contact" label={t('retries.perContact')} least={1} most={30} />
        <Count
          place="config.attempts.max_per_day"
          label={t('retries.perDay')}
          description={t('retries.allCampaigns')}
          least={1}
          most={30}
        />
        <Count
          place="config.attempts.max_per_week"
          label={t('retries.perWeek')}
          description={t('retries.allCampaigns')}
          least={1}
          most={100}
        />
      </Group>
      <Checkbox
        label={t('retries.callbacks')}
        description={t('retries.callbacksHelp')}
        {...form.getInputProps('config.attempts.keep_callbacks', { type: 'checkbox' })}
      />
      <Advanced label={t('retries.advanced')} places={['config.attempts.early_s']}>
        <Duration
          place="config.attempts.early_s"
          label={t('retries.early')}
          description={t('retries.earlyHelp')}
        />
      </Advanced>
    </Stack>
  )
}

function Safety() {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  return (
    <Stack gap="md" maw={620}>
      <Money place="config.budget_micros" label={t('safety.budget')} description={t('safety.budgetHelp')} />
      <Checkbox
        label={t('safety.test')}
        description={t('safety.testHelp')}
        {...form.getInputProps('config.test', { type: 'checkbox' })}
      />
      <Advanced label={t('safety.advanced')} places={['config.auto_pause']}>
        <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
          <Percent place="config.auto_pause.max_failed" label={t('safety.failed')} />
          <Percent place="config.auto_pause.max_hung_up_early" label={t('safety.hungUp')} />
          <Percent place="config.auto_pause.max_trunk_trouble" label={t('safety.trunk')} />
        </Group>
        <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
          <Duration place="config.auto_pause.window_s" label={t('safety.window')} />
          <Count
            place="config.auto_pause.at_least"
            label={t('safety.atLeast')}
            description={t('safety.atLeastHelp')}
            least={5}
            most={10_000}
          />
        </Group>
      </Advanced>
    </Stack>
  )
}

function ConsentFields({ campaign }: { campaign: string }) {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const { consent, number_check } = form.values.config
  return (
    <Stack gap="md" maw={620}>
      <Checkbox
        label={t('consent.required')}
        description={t('consent.requiredHelp')}
        {...form.getInputProps('config.consent.required', { type: 'checkbox' })}
      />
      {consent.required && (
        <Count
          place="config.consent.max_age_days"
          label={t('consent.age')}
          description={t('emptyIsNone')}
          least={1}
          most={3_650}
          optional
        />
      )}
      <Checkbox
        label={t('consent.check')}
        description={t('consent.checkHelp')}
        checked={number_check !== null}
        onChange={(event) =>
          form.setFieldValue(
            'config.number_check',
            event.currentTarget.checked ? { url: '', max_age_days: 30 } : null,
          )
        }
      />
      {number_check && (
        <Group gap="sm" align="flex-start">
          <TextInput
            label={t('consent.url')}
            type="url"
            flex={HALF}
            {...form.getInputProps('config.number_check.url')}
          />
          <Count
            place="config.number_check.max_age_days"
            label={t('consent.checkAge')}
            least={1}
            most={365}
          />
        </Group>
      )}
      {number_check && <CheckSecret campaign={campaign} />}
    </Stack>
  )
}
