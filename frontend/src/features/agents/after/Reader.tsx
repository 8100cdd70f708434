/** Who reads the transcript: rules, a vendor's model, or one behind an address. */
import { NumberInput, SegmentedControl, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Choice } from '@/components/vendors/Choice'
import { type AnalysisModelForm, emptyAnalysisModel } from '../config/analysis'
import { useAgentForm } from '../editor/form'

const PLACE = 'config.analysis.model'
const KINDS = ['rules', 'chat', 'endpoint'] as const
type Kind = (typeof KINDS)[number]

const kindOf = (model: AnalysisModelForm | null): Kind =>
  model === null ? 'rules' : model.provider === 'openai_compatible' ? 'endpoint' : 'chat'

const FIRST: Record<Kind, () => AnalysisModelForm | null> = {
  rules: () => null,
  chat: emptyAnalysisModel,
  endpoint: () => ({ ...emptyAnalysisModel(), provider: 'openai_compatible' }),
}

export function Reader() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { model } = form.values.config.analysis
  const kind = kindOf(model)
  return (
    <Stack gap="md">
      <div>
        <SegmentedControl
          aria-label={t('after.reads')}
          value={kind}
          onChange={(next) => form.setFieldValue(PLACE, FIRST[next as Kind]())}
          data={KINDS.map((value) => ({ value, label: t(`after.readers.${value}`) }))}
        />
        <Text size="sm" c="dimmed" mt="xs">
          {t(`after.readersHelp.${kind}`)}
        </Text>
      </div>
      {model && <ModelFields model={model} />}
    </Stack>
  )
}

function ModelFields({ model }: { model: AnalysisModelForm }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <>
      {model.provider === 'openai_compatible' ? (
        <TextInput
          label={t('after.baseUrl')}
          description={t('baseUrlHelp')}
          required
          type="url"
          {...form.getInputProps(`${PLACE}.base_url`)}
        />
      ) : (
        <Choice
          kind="llm"
          label={t('after.model')}
          vendor={model.provider}
          model={model.model}
          language={form.values.config.language}
          {...form.getInputProps(`${PLACE}.provider`)}
          onChoose={({ vendor, model: chosen }) =>
            form.setFieldValue(PLACE, {
              ...model,
              provider: vendor as AnalysisModelForm['provider'],
              model: chosen,
            })
          }
        />
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={model.provider === 'openai_compatible' ? t('after.model') : t('after.modelId')}
          description={t('modelNameHelp')}
          required
          maxLength={200}
          classNames={{ input: 'tl-mono' }}
          {...form.getInputProps(`${PLACE}.model`)}
        />
        <NumberInput
          label={t('after.timeout')}
          description={t('after.timeoutHelp')}
          suffix={t('after.milliseconds')}
          step={5_000}
          decimalScale={0}
          {...form.getInputProps(`${PLACE}.timeout_ms`)}
        />
      </SimpleGrid>
    </>
  )
}
