/** Times of day by weekday. */
import { Button, Chip, Group, Stack, Text } from '@mantine/core'
import { TimeInput } from '@mantine/dates'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { DAYS, type Day } from '../shared/types'
import { FieldRow } from '../setup/fields'
import { useSetupForm } from '../setup/form'
import { daysWithout, endOf, typedEnd } from './windows'
import classes from '../setup/setup.module.css'

export function Windows() {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const { windows } = form.values.config.hours
  const free = daysWithout(windows)
  const add = () =>
    form.insertListItem('config.hours.windows', {
      days: free.length > 0 ? free : [...DAYS],
      start: '09:00',
      end: '20:00',
    })
  return (
    <Stack gap="sm" align="flex-start">
      {windows.length === 0 && (
        <Text size="sm" c="var(--mantine-color-error)" role="status">
          {t('hours.noWindow')}
        </Text>
      )}
      <ul className={classes.rows} style={{ alignSelf: 'stretch' }}>
        {windows.map((_, i) => (
          <li key={i}>
            <WindowRow i={i} />
          </li>
        ))}
      </ul>
      {free.length > 0 && windows.length > 0 && (
        <Text size="sm" c="dimmed" role="status">
          {t('hours.without', { days: free.map((day) => t(`day.${day}`)).join(', ') })}
        </Text>
      )}
      <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={add}>
        {t('hours.addWindow')}
      </Button>
    </Stack>
  )
}

function WindowRow({ i }: { i: number }) {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const place = `config.hours.windows.${i}`
  const { days, end } = form.values.config.hours.windows[i]!
  const wrong = form.errors[`${place}.days`] ?? form.errors[place]
  const until = form.getInputProps(`${place}.end`)
  return (
    <FieldRow
      label={t('hours.removeWindow', { number: i + 1 })}
      onRemove={() => form.removeListItem('config.hours.windows', i)}
    >
      <Stack gap={4} flex="1 1 320px">
        <Text size="sm" fw={500} component="div" id={`window-${i}`}>
          {t('hours.days')}
        </Text>
        <Chip.Group
          multiple
          value={days}
          onChange={(next) => form.setFieldValue(`${place}.days`, sorted(next as Day[]))}
        >
          <Group gap={4} role="group" aria-labelledby={`window-${i}`}>
            {DAYS.map((day) => (
              <Chip key={day} value={day} size="xs" variant="outline">
                {t(`day.${day}`)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        {wrong && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {wrong}
          </Text>
        )}
      </Stack>
      <TimeInput label={t('hours.from')} w={110} {...form.getInputProps(`${place}.start`)} />
      <TimeInput
        label={t('hours.until')}
        description={end === '24:00' && t('hours.midnight')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        w={110}
        {...until}
        value={typedEnd(end)}
        onChange={(event) => form.setFieldValue(`${place}.end`, endOf(event.currentTarget.value))}
      />
    </FieldRow>
  )
}

const sorted = (days: Day[]) => DAYS.filter((day) => days.includes(day))
