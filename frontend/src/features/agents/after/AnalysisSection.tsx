/** What is made of a call after it has ended, and by whom. */
import { Stack, Switch, Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Lines, Part } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { Compliance, Goals, Topics } from './Looked'
import { Reader } from './Reader'

const PLACE = 'config.analysis'

export function AnalysisSection() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { analysis } = form.values.config
  const toggle = (name: 'enabled' | 'summary' | 'sentiment' | 'unanswered', help?: string) => (
    <Switch
      label={t(`after.${name}`)}
      description={help}
      {...form.getInputProps(`${PLACE}.${name}`, { type: 'checkbox' })}
    />
  )
  return (
    <Stack gap="xl">
      {toggle('enabled', t('after.enabledHelp'))}
      {analysis.enabled && (
        <>
          <Part title={t('after.reads')}>
            <Reader />
            {analysis.model && (
              <Textarea
                label={t('after.instructions')}
                description={t('after.instructionsHelp')}
                autosize
                minRows={2}
                {...form.getInputProps(`${PLACE}.instructions`)}
              />
            )}
          </Part>
          <Part title={t('after.results')}>
            {toggle('summary')}
            {toggle('sentiment')}
            {toggle('unanswered')}
            <Lines
              label={t('after.outcomes')}
              description={t('after.outcomesHelp')}
              {...form.getInputProps(`${PLACE}.outcomes`)}
            />
          </Part>
          <Goals />
          <Topics />
          <Compliance />
        </>
      )}
    </Stack>
  )
}
