/** When a contact counts as converted, and what tells that it wants no more calls. */
import { Checkbox, Group, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Section } from '@/components/Section'
import { useAgentConfig } from '../agent/useAgentConfig'
import { slotsOf } from '../agent/slots'
import { useSetupForm } from '../setup/form'
import { Conditions } from './Conditions'

const GOAL_OUTCOMES = ['answered', 'transferred', 'callback'] as const

export function Goal() {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const slots = slotsOf(useAgentConfig(form.values.agent))
  return (
    <>
      <Section title={t('goal.title')} text={t('goal.text')}>
        <Stack gap="md" maw={620}>
          <Checkbox.Group
            label={t('goal.outcomes')}
            description={t('goal.outcomesHelp')}
            {...form.getInputProps('config.goal.outcomes')}
          >
            <Group gap="lg" mt="xs">
              {GOAL_OUTCOMES.map((outcome) => (
                <Checkbox key={outcome} value={outcome} label={t(`goal.outcome.${outcome}`)} />
              ))}
            </Group>
          </Checkbox.Group>
          <div>
            <Text size="sm" fw={500} mb={4}>
              {t('goal.conditions')}
            </Text>
            <Conditions place="config.goal.conditions" slots={slots} most={10} none={t('goal.none')} />
          </div>
        </Stack>
      </Section>
      <Section title={t('optOut.title')} text={t('optOut.text')}>
        <Stack gap="sm" maw={620}>
          <Conditions place="config.opt_out" slots={slots} most={5} none={t('optOut.none')} />
        </Stack>
      </Section>
    </>
  )
}
