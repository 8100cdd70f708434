/** Who speaks. */
import { Button, Group, Slider, Stack, Text, TextInput } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { Choice } from '@/components/vendors/Choice'
import { choices, type Offer, useOffers, useVendorName } from '@/components/vendors/offer'
import { voice as plain } from '../config/defaults'
import type { VoiceForm } from '../config/types'
import { Extra } from './Extra'
import { Fallbacks } from './Fallbacks'
import { Advanced, Limited, Part } from './fields'
import { useAgentForm } from './form'
import { playPreview } from './preview'
import { VoiceChoice } from './VoiceChoice'

export function VoiceSection() {
  const { t } = useTranslation('agents')
  const { voice, fallbacks, language } = useAgentForm().values.config
  const { offers } = useOffers('tts')
  const makeOther = (): VoiceForm => {
    const taken = new Set([voice, ...fallbacks.voices].map(({ provider }) => provider))
    const others = offers.filter(({ vendor }) => !taken.has(vendor))
    const offer = choices(others, { text: '', language, ready: false, order: 'suggested' })[0]
    const chosen = offer && {
      provider: offer.vendor,
      model: offer.model,
      voice: offer.voices[0]?.voice ?? '',
    }
    return { ...plain, extra: [], ...chosen }
  }
  return (
    <Stack gap="xl">
      <Part title={t('speaks')} lead={t('speaksHelp')}>
        <VoiceFields place="config.voice" voice={voice} />
        {canBeHeard(voice, offers) ? <Preview /> : <Text c="dimmed">{t('previewTalk')}</Text>}
      </Part>
      <Fallbacks kind="voices" add={[{ label: t('addFallback'), make: makeOther }]}>
        {(place, item) => <VoiceFields place={place} voice={item} />}
      </Fallbacks>
    </Stack>
  )
}

interface VoiceProps {
  place: string
  voice: VoiceForm
  /** Left out: the agent's. */
  language?: string
}

export function VoiceFields({ place, voice, language }: VoiceProps) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const vendorName = useVendorName()
  return (
    <Stack gap="md">
      <Choice
        kind="tts"
        label={t('synthesizer')}
        vendor={voice.provider}
        model={voice.model}
        language={language || form.values.config.language}
        {...form.getInputProps(`${place}.provider`)}
        onChoose={(offer) =>
          form.setFieldValue(place, {
            ...voice,
            provider: offer.vendor,
            model: offer.model,
            voice: offer.voices.some((one) => one.voice === voice.voice)
              ? voice.voice
              : (offer.voices[0]?.voice ?? ''),
            extra: offer.vendor === voice.provider ? voice.extra : [],
          })
        }
      />
      <VoiceChoice
        kind="tts"
        place={`${place}.voice`}
        vendor={voice.provider}
        model={voice.model}
        value={voice.voice}
      />
      <Speed place={`${place}.speed`} speed={voice.speed} />
      <Advanced
        name={vendorName(voice.provider)}
        places={[`${place}.extra`, `${place}.model`, `${place}.first_audio_ms`]}
      >
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <TextInput
            label={t('vendorModel')}
            description={t('vendorModelHelp')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            maxLength={100}
            classNames={{ input: 'tl-mono' }}
            {...form.getInputProps(`${place}.model`)}
          />
          <Limited
            place={`${place.replace(/^config\./, '')}.first_audio_ms`}
            label={t('firstAudio')}
            description={t('firstAudioHelp')}
            suffix=" ms"
            step={100}
          />
        </Group>
        <Extra place={place} rows={voice.extra} />
      </Advanced>
    </Stack>
  )
}

function Speed({ place, speed }: { place: string; speed: number }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const id = useId()
  return (
    <div role="group" aria-labelledby={id}>
      <Text size="sm" fw={500} id={id}>
        {t('speed', { speed: speed.toFixed(2) })}
      </Text>
      <Slider
        thumbLabel={t('speedLabel')}
        min={0.5}
        max={2}
        step={0.05}
        label={null}
        marks={[{ value: 0.5 }, { value: 1 }, { value: 1.5 }, { value: 2 }]}
        value={speed}
        onChange={(next) => form.setFieldValue(place, next)}
      />
    </div>
  )
}

/** Only voices that every machine of the platform has speak without a call. */
const canBeHeard = ({ provider, voice }: VoiceForm, offers: readonly Offer[]) =>
  offers.some(
    (one) => one.local && one.vendor === provider && one.voices.some((known) => known.voice === voice),
  )

function Preview() {
  const { t } = useTranslation('agents')
  const { config } = useAgentForm().values
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const play = async () => {
    setBusy(true)
    setProblem('')
    const words = config.first_message.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => variable(name))
    const { provider, voice, speed } = config.voice
    const text = (words || t('previewText')).slice(0, 200)
    await playPreview({ provider, voice, speed, text }).catch((error: unknown) =>
      setProblem(asProblem(error).detail),
    )
    setBusy(false)
  }
  const variable = (name: string) => config.variables.find((v) => v.name === name)?.value ?? ''
  return (
    <Group gap="sm">
      <Button
        variant="default"
        size="sm"
        loading={busy}
        leftSection={<IconPlayerPlay size={16} />}
        onClick={() => void play()}
      >
        {t('preview')}
      </Button>
      {problem && (
        <Text size="sm" c="red" role="alert">
          {problem}
        </Text>
      )}
    </Group>
  )
}
