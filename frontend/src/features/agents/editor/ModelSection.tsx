/** Who thinks: a script, a vendor's model, one that hears and speaks itself, or one behind an address. */
import { SegmentedControl, Stack, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { choices, type Offer, useOffers } from '@/components/vendors/offer'
import { emptyChat, emptyEndpoint, emptyRealtime, emptyScript } from '../config/defaults'
import {
  type ChatForm,
  type ChatVendor,
  type EndpointForm,
  kindOf,
  type ModelForm,
  type ModelKind,
  type RealtimeForm,
  type RealtimeVendor,
} from '../config/types'
import { ScriptEditor } from '../script/ScriptEditor'
import { Fallbacks } from './Fallbacks'
import { useAgentForm } from './form'
import { ChatFields, EndpointFields, RealtimeFields } from './ModelFields'

const KINDS: readonly ModelKind[] = ['script', 'chat', 'realtime', 'endpoint']
const PLACE = 'config.model'

export interface KeysSet {
  model: boolean
  /** Of each of the fallbacks as they are stored. */
  fallbacks: readonly boolean[]
}

export function ModelSection({ keys, others }: { keys: KeysSet; others: OtherModels }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const narrow = useMediaQuery('(max-width: 40em)')
  const { offers } = useOffers()
  const { model, language } = form.values.config
  const kind = kindOf(model)
  const change = (next: ModelKind) => {
    others.keep(model)
    form.setFieldValue(PLACE, others.kept(next) ?? firstOf(next, suggestion(offers, next, language)))
    form.clearErrors()
  }
  return (
    <Stack gap="lg">
      <div>
        <SegmentedControl
          aria-label={t('modelKind')}
          orientation={narrow ? 'vertical' : 'horizontal'}
          fullWidth={narrow}
          value={kind}
          onChange={(value) => change(value as ModelKind)}
          data={KINDS.map((value) => ({ value, label: t(`kinds.${value}`) }))}
        />
        <Text size="sm" c="dimmed" mt="xs">
          {t(`kindsHelp.${kind}`)} {kind === 'realtime' && t('realtimeNote')}
        </Text>
      </div>
      {kind === 'script' && <ScriptEditor />}
      {kind === 'chat' && <ChatFields place={PLACE} model={model as ChatForm} />}
      {kind === 'realtime' && <RealtimeFields place={PLACE} model={model as RealtimeForm} />}
      {kind === 'endpoint' && (
        <EndpointFields place={PLACE} model={model as EndpointForm} keySet={keys.model} />
      )}
      {(kind === 'chat' || kind === 'endpoint') && <ModelFallbacks keys={keys} />}
    </Stack>
  )
}

function ModelFallbacks({ keys }: { keys: KeysSet }) {
  const { t } = useTranslation('agents')
  const { language, model, fallbacks } = useAgentForm().values.config
  const { offers } = useOffers()
  const taken = new Set([model, ...fallbacks.models].map(({ provider }) => provider as string))
  const others = offers.filter(({ vendor }) => !taken.has(vendor))
  return (
    <Fallbacks
      kind="models"
      add={[
        {
          label: t('addFallback'),
          make: () => firstOf('chat', suggestion(others, 'chat', language)) as ChatForm,
        },
        { label: t('addEndpoint'), make: emptyEndpoint },
      ]}
    >
      {(place, item) =>
        item.provider === 'openai_compatible' ? (
          <EndpointFields
            place={place}
            model={item}
            keySet={keys.fallbacks[Number(place.split('.').at(-1))] ?? false}
          />
        ) : (
          <ChatFields place={place} model={item} />
        )
      }
    </Fallbacks>
  )
}

/** What we would choose of the kind. */
function suggestion(offers: readonly Offer[], kind: ModelKind, language: string): Offer | undefined {
  const wanted = kind === 'chat' ? 'llm' : kind
  const those = offers.filter((offer) => offer.kind === wanted)
  return choices(those, { text: '', language, ready: false, order: 'suggested' })[0]
}

function firstOf(kind: ModelKind, offer: Offer | undefined): ModelForm {
  if (kind === 'script') return emptyScript()
  if (kind === 'endpoint') return emptyEndpoint()
  const chosen = offer && { model: offer.model }
  return kind === 'chat'
    ? { ...emptyChat(), ...chosen, ...(offer && { provider: offer.vendor as ChatVendor }) }
    : { ...emptyRealtime(), ...chosen, ...(offer && { provider: offer.vendor as RealtimeVendor }) }
}

/** What was typed for the kinds of model that are not chosen, so that a look at another loses nothing. */
export interface OtherModels {
  keep: (model: ModelForm) => void
  kept: (kind: ModelKind) => ModelForm | undefined
}

export function useOtherModels(): OtherModels {
  const models = useRef<Partial<Record<ModelKind, ModelForm>>>({})
  return useMemo(
    () => ({
      keep: (model) => {
        models.current[kindOf(model)] = model
      },
      kept: (kind) => models.current[kind],
    }),
    [],
  )
}
