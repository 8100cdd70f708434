/** When callees are called, and the week that comes of it where they are. */
import { Checkbox, Group, Select, Stack, Text, Title } from '@mantine/core'
import { DateTimePicker } from '@mantine/dates'
import { useDebouncedValue } from '@mantine/hooks'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { usePreflight } from '../data'
import { PlacesWeek } from '../shared/PlacesWeek'
import { useSetupForm } from '../setup/form'
import { Rules } from './Rules'
import { Windows } from './Windows'
import { BlackoutDates } from './BlackoutDates'

const PAUSE_MS = 500

export function HoursStep({ campaign }: { campaign: string }) {
  const { t } = useTranslation('campaigns')
  return (
    <>
      <Section title={t('hours.windows')} text={t('hours.windowsText')}>
        <Windows />
      </Section>
      <Section title={t('hours.rules')} text={t('hours.rulesText')}>
        <Rules />
      </Section>
      <Section title={t('hours.dates')} text={t('hours.datesText')}>
        <Dates />
      </Section>
      <Stack gap="sm" component="section" aria-label={t('week.title')}>
        <div>
          <Title order={2} size="h3">
            {t('week.title')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('week.text')}
          </Text>
        </div>
        <Week campaign={campaign} />
      </Stack>
    </>
  )
}

function Week({ campaign }: { campaign: string }) {
  const [hours] = useDebouncedValue(useSetupForm().values.config.hours, PAUSE_MS)
  const preflight = usePreflight(campaign, hours)
  return (
    <Loaded query={preflight} rows={7}>
      {({ places, grid }) => <PlacesWeek places={places} grid={grid} />}
    </Loaded>
  )
}

const ZONES = Intl.supportedValuesOf('timeZone')

function Dates() {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const { not_before, not_after, default_time_zone } = form.values.config.hours
  const moment = (name: 'not_before' | 'not_after', value: string | null) => ({
    label: t(`hours.${name}`),
    valueFormat: 'D MMM YYYY, HH:mm',
    clearable: true,
    flex: '1 1 200px',
    value: value ? dayjs(value).format('YYYY-MM-DD HH:mm:ss') : null,
    onChange: (typed: string | null) =>
      form.setFieldValue(`config.hours.${name}`, typed ? dayjs(typed).toISOString() : null),
    error: form.errors[`config.hours.${name}`],
    clearButtonProps: { 'aria-label': t('hours.clear') },
  })
  return (
    <Stack gap="md" maw={560}>
      <Checkbox
        label={t('hours.skipHolidays')}
        description={t('hours.skipHolidaysHelp')}
        {...form.getInputProps('config.hours.skip_holidays', { type: 'checkbox' })}
      />
      <BlackoutDates />
      <Group gap="sm" align="flex-start">
        <DateTimePicker {...moment('not_before', not_before)} />
        <DateTimePicker {...moment('not_after', not_after)} />
      </Group>
      <Select
        label={t('hours.defaultZone')}
        description={t('hours.defaultZoneHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        data={ZONES}
        searchable
        clearable
        limit={80}
        value={default_time_zone || null}
        onChange={(zone) => form.setFieldValue('config.hours.default_time_zone', zone ?? '')}
        error={form.errors['config.hours.default_time_zone']}
        placeholder={t('hours.noDefaultZone')}
        clearButtonProps={{ 'aria-label': t('hours.clear') }}
      />
    </Stack>
  )
}
