/** Days on which nobody is called. */
import { Button, Group, Pill, Stack, Text } from '@mantine/core'
import { DateInput } from '@mantine/dates'
import { IconPlus } from '@tabler/icons-react'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSetupForm } from '../setup/form'

export function BlackoutDates() {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const [day, setDay] = useState<string | null>(null)
  const dates = form.values.config.hours.blackout_dates
  const set = (next: string[]) => form.setFieldValue('config.hours.blackout_dates', next)
  const add = () => {
    if (!day) return
    set([...new Set([...dates, day])].sort())
    setDay(null)
  }
  return (
    <Stack gap={6}>
      <Group gap="xs" align="flex-end">
        <DateInput
          label={t('hours.blackout')}
          valueFormat="D MMM YYYY"
          flex="1 1 180px"
          value={day}
          onChange={setDay}
        />
        <Button variant="default" leftSection={<IconPlus size={14} />} disabled={!day} onClick={add}>
          {t('hours.addDate')}
        </Button>
      </Group>
      {dates.length > 0 && (
        <Pill.Group role="group" aria-label={t('hours.blackout')}>
          {dates.map((date) => {
            const shown = dayjs(date).format('ddd D MMM YYYY')
            return (
              <Pill
                key={date}
                size="md"
                withRemoveButton
                removeButtonProps={{
                  'aria-label': t('hours.removeDate', { date: shown }),
                  tabIndex: 0,
                  'aria-hidden': false,
                }}
                onRemove={() => set(dates.filter((one) => one !== date))}
              >
                {shown}
              </Pill>
            )
          })}
        </Pill.Group>
      )}
      {form.errors['config.hours.blackout_dates'] && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {form.errors['config.hours.blackout_dates']}
        </Text>
      )}
    </Stack>
  )
}
