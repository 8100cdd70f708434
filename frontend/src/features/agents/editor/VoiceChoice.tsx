/** A voice: one of those that the catalogue knows, or any other by its id. */
import { Group, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { offerOf, useOffers } from '@/components/vendors/offer'
import { useAgentForm } from './form'

const OTHER = '…'

interface VoiceChoiceProps {
  kind: 'tts' | 'realtime'
  place: string
  vendor: string
  model: string
  value: string
  /** Empty leaves it to the model. */
  optional?: boolean
}

export function VoiceChoice({ kind, place, vendor, model, value, optional = false }: VoiceChoiceProps) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { offers } = useOffers(kind)
  const [typing, setTyping] = useState(false)
  const known =
    (offerOf(offers, vendor, model) ?? offers.find((offer) => offer.vendor === vendor))?.voices ?? []
  const listed = known.some(({ voice }) => voice === value) || (optional && value === '')
  const other = known.length === 0 || typing || !listed
  const { error, ...input } = form.getInputProps(place)
  return (
    <Group align="flex-start" grow preventGrowOverflow={false}>
      {known.length > 0 && (
        <Select
          label={t('voice')}
          searchable
          allowDeselect={false}
          data={[
            ...(optional ? [{ value: '', label: t('ownVoice') }] : []),
            ...known.map(({ voice, label }) => ({ value: voice, label })),
            { value: OTHER, label: t('otherVoice') },
          ]}
          {...input}
          error={!other && error}
          value={other ? OTHER : value}
          onChange={(voice) => {
            setTyping(voice === OTHER)
            if (voice !== null && voice !== OTHER) form.setFieldValue(place, voice)
          }}
        />
      )}
      {other && (
        <TextInput
          label={t('voiceId')}
          description={t('voiceIdHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          maxLength={120}
          classNames={{ input: 'tl-mono' }}
          {...input}
          error={error}
        />
      )}
    </Group>
  )
}
