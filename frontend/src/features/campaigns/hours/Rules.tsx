/** Laws and regulators' rules that hold besides the windows, each with its source. */
import { Anchor, Checkbox, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Loaded } from '@/components/states'
import { usePresets } from '../data'
import type { Preset } from '../shared/types'
import { Advanced } from '../setup/fields'
import { useSetupForm } from '../setup/form'

const LOCAL = 'local'

export function Rules() {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const presets = usePresets()
  const { rules } = form.values.config.hours
  const set = (rule: string, on: boolean) =>
    form.setFieldValue('config.hours.rules', on ? [...rules, rule] : rules.filter((one) => one !== rule))
  return (
    <Stack gap="md" maw={620}>
      <Checkbox
        label={t('hours.local')}
        description={t('hours.localHelp')}
        checked={rules.includes(LOCAL)}
        onChange={(event) => set(LOCAL, event.currentTarget.checked)}
        error={form.errors['config.hours.rules']}
      />
      {!rules.includes(LOCAL) && (
        <Text size="sm" c="var(--mantine-color-error)" role="status">
          {t('hours.noLocal')}
        </Text>
      )}
      <Advanced label={t('hours.moreRules')} places={['config.hours.rules']}>
        <Loaded query={presets} rows={3}>
          {(all) => (
            <Stack gap="sm">
              {all.map((preset) => (
                <Rule
                  key={preset.id}
                  preset={preset}
                  checked={rules.includes(preset.id)}
                  onChange={(on) => set(preset.id, on)}
                />
              ))}
            </Stack>
          )}
        </Loaded>
      </Advanced>
    </Stack>
  )
}

interface RuleProps {
  preset: Preset
  checked: boolean
  onChange: (on: boolean) => void
}

function Rule({ preset: { name, note, source, checked: compared }, checked, onChange }: RuleProps) {
  const { t } = useTranslation('campaigns')
  return (
    <div>
      <Checkbox
        label={name}
        description={note}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <Text size="sm" c="dimmed" ml={32} style={{ overflowWrap: 'anywhere' }}>
        {source.startsWith('http') ? (
          <Anchor href={source} target="_blank" rel="noreferrer" inherit>
            {t('hours.source', { rule: name })}
          </Anchor>
        ) : (
          source
        )}
        {' · '}
        {compared}
      </Text>
    </div>
  )
}
