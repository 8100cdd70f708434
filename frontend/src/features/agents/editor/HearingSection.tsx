/** Who listens. */
import { Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Choice } from '@/components/vendors/Choice'
import { choices, useOffers, useVendorName } from '@/components/vendors/offer'
import { transcriber as plain } from '../config/defaults'
import type { TranscriberForm } from '../config/types'
import { Extra } from './Extra'
import { Fallbacks } from './Fallbacks'
import { Advanced, Lines, Part } from './fields'
import { useAgentForm } from './form'

export function HearingSection() {
  const { t } = useTranslation('agents')
  const { transcriber, fallbacks, language } = useAgentForm().values.config
  const { offers } = useOffers('stt')
  const makeOther = (): TranscriberForm => {
    const taken = new Set([transcriber, ...fallbacks.transcribers].map(({ provider }) => provider))
    const others = offers.filter(({ vendor }) => !taken.has(vendor))
    const offer = choices(others, { text: '', language, ready: false, order: 'suggested' })[0]
    return { ...plain, extra: [], ...(offer && { provider: offer.vendor, model: offer.model }) }
  }
  return (
    <Stack gap="xl">
      <Part title={t('listens')} lead={t('listensHelp')}>
        <TranscriberFields place="config.transcriber" transcriber={transcriber} />
      </Part>
      <Fallbacks kind="transcribers" add={[{ label: t('addFallback'), make: makeOther }]}>
        {(place, item) => <TranscriberFields place={place} transcriber={item} />}
      </Fallbacks>
    </Stack>
  )
}

interface TranscriberProps {
  place: string
  transcriber: TranscriberForm
  /** Left out: the agent's. */
  language?: string
}

export function TranscriberFields({ place, transcriber, language }: TranscriberProps) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const vendorName = useVendorName()
  return (
    <Stack gap="md">
      <Choice
        kind="stt"
        label={t('transcriber')}
        vendor={transcriber.provider}
        model={transcriber.model}
        language={language || form.values.config.language}
        {...form.getInputProps(`${place}.provider`)}
        onChoose={(offer) =>
          form.setFieldValue(place, {
            ...transcriber,
            provider: offer.vendor,
            model: offer.model,
            extra: offer.vendor === transcriber.provider ? transcriber.extra : [],
          })
        }
      />
      <Lines label={t('hints')} description={t('hintsHelp')} {...form.getInputProps(`${place}.hints`)} />
      <Advanced name={vendorName(transcriber.provider)} places={[`${place}.extra`, `${place}.model`]}>
        <TextInput
          label={t('vendorModel')}
          description={t('vendorModelHelp')}
          maxLength={100}
          maw={360}
          classNames={{ input: 'tl-mono' }}
          {...form.getInputProps(`${place}.model`)}
        />
        <Extra place={place} rows={transcriber.extra} />
      </Advanced>
    </Stack>
  )
}
