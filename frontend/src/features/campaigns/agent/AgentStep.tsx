/** Name, agent, and which of its versions speak. */
import { Anchor, Button, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useAgents } from '@/api/choices'
import { Section } from '@/components/Section'
import { Link } from '@tanstack/react-router'
import { useTenant } from '@/api/session'
import { useSetupForm } from '../setup/form'
import { FieldRow } from '../setup/fields'
import { agentChoices } from './choices'
import classes from '../setup/setup.module.css'

export function AgentStep() {
  const { t } = useTranslation('campaigns')
  const { path } = useTenant()
  const form = useSetupForm()
  const agents = useAgents()
  const chosen = agents.data?.results.find(({ id }) => id === form.values.agent)
  const version = chosen?.published_version
  const change = (agent: string | null) => {
    if (!agent) return
    form.setFieldValue('agent', agent)
    // Versions belong to one agent.
    form.setFieldValue('config.arms', [])
  }
  return (
    <>
      <Section title={t('agentStep.title')} text={t('agentStep.text')}>
        <Stack gap="md" maw={560}>
          <TextInput label={t('name')} maxLength={200} required {...form.getInputProps('name')} />
          <Select
            label={t('agent')}
            data={agentChoices(agents.data?.results ?? [], t('agentStep.unpublished'))}
            searchable
            required
            allowDeselect={false}
            {...form.getInputProps('agent')}
            onChange={change}
          />
          <Text size="sm" role="status">
            {version
              ? t('agentStep.published', {
                  number: version.number,
                  note: version.note || t('agentStep.noNote'),
                })
              : chosen && (
                  <>
                    {t('agentStep.notPublished')}{' '}
                    <Anchor component={Link} to={path(`agents/${chosen.id}`)} inherit>
                      {t('agentStep.toAgent')}
                    </Anchor>
                  </>
                )}
          </Text>
        </Stack>
      </Section>
      {form.values.agent && (
        <Section title={t('arms.title')} text={t('arms.text')}>
          <Arms key={form.values.agent} agent={form.values.agent} />
        </Section>
      )}
    </>
  )
}

function Arms({ agent }: { agent: string }) {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const { arms } = form.values.config
  const { data } = $api.useQuery('get', '/api/v1/agents/{id}/versions', { params: { path: { id: agent } } })
  const versions = data?.results ?? []
  const free = versions.filter(({ id }) => !arms.some((arm) => arm.version === id))
  const total = arms.reduce((sum, { weight }) => sum + (Number(weight) || 0), 0)
  const add = () => form.insertListItem('config.arms', { version: free[0]!.id, weight: 1 })
  return (
    <Stack gap="sm" maw={560} align="flex-start">
      {arms.length === 0 && <Text size="sm">{t('arms.none')}</Text>}
      {arms.length > 0 && (
        <ul className={classes.rows} style={{ alignSelf: 'stretch' }}>
          {arms.map((arm, i) => (
            <li key={arm.version}>
              <FieldRow
                label={t('arms.remove', { number: i + 1 })}
                onRemove={() => form.removeListItem('config.arms', i)}
              >
                <Select
                  label={t('arms.version')}
                  allowDeselect={false}
                  flex="2 1 200px"
                  data={versions
                    .filter(({ id }) => id === arm.version || free.some((one) => one.id === id))
                    .map(({ id, number, note }) => ({
                      value: id,
                      label: t('arms.option', { number, note: note || t('agentStep.noNote') }),
                    }))}
                  {...form.getInputProps(`config.arms.${i}.version`)}
                />
                <NumberInput
                  label={t('arms.weight')}
                  description={
                    total > 0 && t('arms.share', { percent: Math.round((100 * arm.weight) / total) })
                  }
                  inputWrapperOrder={['label', 'input', 'description', 'error']}
                  min={1}
                  max={100}
                  allowDecimal={false}
                  flex="1 1 110px"
                  {...form.getInputProps(`config.arms.${i}.weight`)}
                />
              </FieldRow>
            </li>
          ))}
        </ul>
      )}
      {form.errors['config.arms'] && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {form.errors['config.arms']}
        </Text>
      )}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        disabled={free.length === 0}
        onClick={add}
      >
        {t('arms.add')}
      </Button>
    </Stack>
  )
}
