/** Who thinks: a script, or a language model behind an OpenAI-compatible endpoint. */
import { SegmentedControl, Stack, Text } from '@mantine/core'
import { useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { emptyEndpoint, emptyScript } from '../config/defaults'
import type { ConfigForm } from '../config/types'
import { ScriptEditor } from '../script/ScriptEditor'
import { EndpointFields } from './EndpointFields'
import { useAgentForm } from './form'

type Model = ConfigForm['model']
type Provider = Model['provider']

export function ModelSection({ keySet, others }: { keySet: boolean; others: OtherModels }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { model } = form.values.config
  const change = (provider: Provider) => {
    others.keep(model)
    const kept = others.kept(provider) ?? (provider === 'script' ? emptyScript() : emptyEndpoint())
    form.setFieldValue('config.model', kept)
    form.clearErrors()
  }
  return (
    <Stack gap="lg">
      <div>
        <SegmentedControl
          aria-label={t('modelKind')}
          value={model.provider}
          onChange={(value) => change(value as Provider)}
          data={[
            { value: 'script', label: t('script') },
            { value: 'openai_compatible', label: t('endpoint') },
          ]}
        />
        <Text size="sm" c="dimmed" mt="xs">
          {model.provider === 'script' ? t('scriptHelp') : t('endpointHelp')}
        </Text>
      </div>
      {model.provider === 'script' ? <ScriptEditor /> : <EndpointFields keySet={keySet} />}
    </Stack>
  )
}

/** What was typed for the kind of model that is not chosen, so that a look at the other loses nothing. */
export interface OtherModels {
  keep: (model: Model) => void
  kept: (provider: Provider) => Model | undefined
}

export function useOtherModels(): OtherModels {
  const models = useRef<Partial<Record<Provider, Model>>>({})
  return useMemo(
    () => ({
      keep: (model) => {
        models.current[model.provider] = model
      },
      kept: (provider) => models.current[provider],
    }),
    [],
  )
}
