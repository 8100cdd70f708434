/** What is heard beside the voices, and while a tool runs. */
import { Select, SimpleGrid, Slider, Stack, Switch, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { AMBIENCES, THINKING } from '../config/types'
import { Limited, Lines, Part } from './fields'
import { useAgentForm } from './form'

const SOUNDS = 'config.sounds'

export function SoundsSection() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { sounds, fillers } = form.values.config
  return (
    <Stack gap="xl">
      <Part title={t('background')} lead={t('backgroundHelp')}>
        <Switch
          label={t('comfortNoise')}
          description={t('comfortNoiseHelp')}
          {...form.getInputProps(`${SOUNDS}.comfort_noise`, { type: 'checkbox' })}
        />
        <Select
          label={t('ambience')}
          allowDeselect={false}
          maw={280}
          data={AMBIENCES.map((value) => ({ value, label: t(`ambiences.${value}`) }))}
          {...form.getInputProps(`${SOUNDS}.ambience`)}
        />
        {sounds.ambience !== 'none' && <Level level={sounds.ambience_db} />}
      </Part>
      <Part title={t('working')} lead={t('workingHelp')}>
        <Select
          label={t('thinking')}
          allowDeselect={false}
          maw={280}
          data={THINKING.map((value) => ({ value, label: t(`thinkings.${value}`) }))}
          {...form.getInputProps(`${SOUNDS}.thinking`)}
        />
        <Lines
          label={t('fillers')}
          description={t('fillersHelp')}
          {...form.getInputProps('config.fillers.phrases')}
        />
        {(fillers.phrases.length > 0 || form.errors['config.fillers.after_ms']) && (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Limited place="fillers.after_ms" label={t('fillersAfter')} suffix=" ms" step={100} />
          </SimpleGrid>
        )}
      </Part>
    </Stack>
  )
}

function Level({ level }: { level: number }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <div>
      <Text size="sm" fw={500}>
        {t('ambienceLevel', { level })}
      </Text>
      <Slider
        thumbLabel={t('ambienceLevelLabel')}
        maw={420}
        min={-60}
        max={-20}
        step={1}
        label={null}
        value={level}
        onChange={(next) => form.setFieldValue(`${SOUNDS}.ambience_db`, next)}
      />
    </div>
  )
}
