/** What the agent answers from. */
import { Anchor, Group, MultiSelect, Radio, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useKnowledgeBases } from '@/api/choices'
import { useTenant } from '@/api/session'
import { MOST_BASES } from '../config/reach'
import { Limited, Part } from '../editor/fields'
import { useAgentForm } from '../editor/form'

export function KnowledgeSection() {
  const { t } = useTranslation('agents')
  const { path } = useTenant()
  const form = useAgentForm()
  const { bases } = form.values.config.knowledge
  const known = useKnowledgeBases()
  const data = (known.data?.results ?? []).map(({ id, name }) => ({ value: id, label: name }))
  for (const id of bases) if (!data.some(({ value }) => value === id)) data.push({ value: id, label: id })
  return (
    <Stack gap="xl">
      <Part title={t('knowledge')} lead={t('knowledgeHelp')}>
        {known.data && data.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('basesMissing')}
          </Text>
        )}
        <MultiSelect
          label={t('bases')}
          placeholder={bases.length === 0 ? t('basesNone') : undefined}
          data={data}
          maxValues={MOST_BASES}
          searchable
          clearable
          {...form.getInputProps('config.knowledge.bases')}
        />
        <Anchor component={Link} to={path('knowledge')} size="sm" style={{ alignSelf: 'flex-start' }}>
          {t('toKnowledge')}
        </Anchor>
      </Part>
      {bases.length > 0 && (
        <>
          <Radio.Group label={t('lookUp')} {...form.getInputProps('config.knowledge.mode')}>
            <Stack gap="sm" mt={6}>
              {(['auto', 'tool'] as const).map((mode) => (
                <Radio
                  key={mode}
                  value={mode}
                  label={t(`lookUps.${mode}`)}
                  description={t(`lookUpsHelp.${mode}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          <Group align="flex-start" grow preventGrowOverflow={false}>
            <Limited place="knowledge.results" label={t('passages')} description={t('passagesHelp')} />
            <Limited
              place="knowledge.timeout_ms"
              label={t('knowledgeTimeout')}
              description={t('knowledgeTimeoutHelp')}
              suffix=" ms"
              step={50}
            />
          </Group>
        </>
      )}
    </Stack>
  )
}
