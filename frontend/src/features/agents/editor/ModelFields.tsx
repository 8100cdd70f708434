/** A language model: a vendor's, or one behind an address. */
import { Checkbox, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Choice } from '@/components/vendors/Choice'
import { useVendorName } from '@/components/vendors/offer'
import { Password } from '@/components/Password'
import type { ChatForm, ChatVendor, EndpointForm, RealtimeForm, RealtimeVendor } from '../config/types'
import { Extra } from './Extra'
import { Advanced, Limited } from './fields'
import { useAgentForm } from './form'
import { VoiceChoice } from './VoiceChoice'

interface FieldsProps<M> {
  /** Its place in the form. */
  place: string
  model: M
}

export function ChatFields({ place, model }: FieldsProps<ChatForm>) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const vendorName = useVendorName()
  return (
    <Stack gap="md">
      <Choice
        kind="llm"
        label={t('model')}
        vendor={model.provider}
        model={model.model}
        language={form.values.config.language}
        {...form.getInputProps(`${place}.provider`)}
        onChoose={(offer) =>
          form.setFieldValue(place, {
            ...model,
            provider: offer.vendor as ChatVendor,
            model: offer.model,
            extra: offer.vendor === model.provider ? model.extra : [],
          })
        }
      />
      <ModelId place={place} />
      <Answers place={place} />
      <Advanced name={vendorName(model.provider)} places={[`${place}.extra`, ...waits(place)]}>
        <Waits place={place} />
        <Extra place={place} rows={model.extra} />
      </Advanced>
    </Stack>
  )
}

export function RealtimeFields({ place, model }: FieldsProps<RealtimeForm>) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const vendorName = useVendorName()
  return (
    <Stack gap="md">
      <Choice
        kind="realtime"
        label={t('model')}
        vendor={model.provider}
        model={model.model}
        language={form.values.config.language}
        {...form.getInputProps(`${place}.provider`)}
        onChoose={(offer) =>
          form.setFieldValue(place, {
            ...model,
            provider: offer.vendor as RealtimeVendor,
            model: offer.model,
            voice: offer.voices.some(({ voice }) => voice === model.voice) ? model.voice : '',
            extra: offer.vendor === model.provider ? model.extra : [],
          })
        }
      />
      <ModelId place={place} />
      <VoiceChoice
        kind="realtime"
        place={`${place}.voice`}
        vendor={model.provider}
        model={model.model}
        value={model.voice}
        optional
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Temperature place={place} />
        <Timeout place={place} />
      </SimpleGrid>
      <Advanced name={vendorName(model.provider)} places={[`${place}.extra`]}>
        <Extra place={place} rows={model.extra} />
      </Advanced>
    </Stack>
  )
}

export function EndpointFields({
  place,
  model,
  keySet,
}: FieldsProps<EndpointForm> & {
  /** Whether a key is stored for it. */
  keySet: boolean
}) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={t('baseUrl')}
          description={t('baseUrlHelp')}
          required
          type="url"
          {...form.getInputProps(`${place}.base_url`)}
        />
        <TextInput
          label={t('modelName')}
          description={t('modelNameHelp')}
          required
          {...form.getInputProps(`${place}.model`)}
        />
      </SimpleGrid>
      <Password
        label={t('apiKey')}
        description={keySet ? t('apiKeySet') : t('apiKeyHelp')}
        autoComplete="off"
        disabled={model.remove_key}
        {...form.getInputProps(`${place}.api_key`)}
      />
      {keySet && (
        <Checkbox
          label={t('removeKey')}
          {...form.getInputProps(`${place}.remove_key`, { type: 'checkbox' })}
        />
      )}
      <Answers place={place} />
      <Advanced name={t('kinds.endpoint')} places={waits(place)}>
        <Waits place={place} />
      </Advanced>
    </Stack>
  )
}

function ModelId({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <TextInput
      label={t('modelId')}
      description={t('modelIdHelp')}
      required
      maxLength={200}
      classNames={{ input: 'tl-mono' }}
      {...form.getInputProps(`${place}.model`)}
    />
  )
}

function Answers({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Temperature place={place} />
      <Limited
        place={`${place.replace(/^config\./, '')}.max_tokens`}
        label={t('maxTokens')}
        description={t('maxTokensHelp')}
        step={50}
      />
    </SimpleGrid>
  )
}

const waits = (place: string) => [`${place}.first_token_ms`, `${place}.timeout_ms`]

function Waits({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Limited
        place={`${place.replace(/^config\./, '')}.first_token_ms`}
        label={t('firstToken')}
        description={t('firstTokenHelp')}
        suffix=" ms"
        step={100}
      />
      <Timeout place={place} />
    </SimpleGrid>
  )
}

function Temperature({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  return (
    <Limited
      place={`${place.replace(/^config\./, '')}.temperature`}
      label={t('temperature')}
      description={t('temperatureHelp')}
      step={0.1}
      decimals={2}
    />
  )
}

function Timeout({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  return (
    <Limited
      place={`${place.replace(/^config\./, '')}.timeout_ms`}
      label={t('timeout')}
      description={t('timeoutHelp')}
      suffix=" ms"
      step={500}
    />
  )
}
