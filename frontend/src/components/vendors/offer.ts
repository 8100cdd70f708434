/** The catalogue of vendors' models and voices: what fits, in which order, in which words. */
import type { TFunction } from 'i18next'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'

export type Offer = components['schemas']['Offer']
export type Kind = Offer['kind']

/** Every offer of the kind, with what the tenant has measured of it. */
export function useOffers(kind?: Kind) {
  const query = $api.useQuery('get', '/api/v1/catalog', {}, { staleTime: 60_000 })
  const all: readonly Offer[] = query.data?.offers ?? NONE
  return { query, offers: kind ? all.filter((offer) => offer.kind === kind) : all }
}

const NONE: readonly Offer[] = []

/** What vendors are called; until that is known, and of those that nobody knows, the name as it is. */
export function useVendorName(): (vendor: string) => string {
  const { query } = useOffers()
  const vendors = query.data?.vendors
  return (vendor) => vendors?.find((one) => one.vendor === vendor)?.label ?? vendor
}

export const keyOf = ({ vendor, model }: Pick<Offer, 'vendor' | 'model'>) => `${vendor} ${model}`

/**
 * The offer that a choice of the editor means. A vendor with one model needs no name for it, and an empty
 * name stands for the vendor's default.
 */
export function offerOf(offers: readonly Offer[], vendor: string, model: string): Offer | undefined {
  const theirs = offers.filter((offer) => offer.vendor === vendor)
  const named = theirs.find((offer) => offer.model === model)
  if (named || model) return named
  return theirs.find((offer) => offer.default) ?? (theirs.length === 1 ? theirs[0] : undefined)
}

const primary = (language: string) => language.split('-')[0]!.toLowerCase()

/** Whether it speaks the language; a region of it counts as the language. */
export function speaks({ languages }: Pick<Offer, 'languages'>, language: string): boolean {
  return languages.some((tag) => tag === '*' || primary(tag) === primary(language))
}

/**
 * What a minute of a call uses, roughly: the agent speaks half of it (450 characters) in four answers, each
 * of which the model gives in 40 tokens after reading 600. It only puts offers in order.
 */
const A_MINUTE: Record<Offer['prices'][number]['unit'], number> = {
  minute: 1,
  million_characters: 450 / 1e6,
  million_input_tokens: 2400 / 1e6,
  million_cached_tokens: 0,
  million_output_tokens: 160 / 1e6,
  million_audio_input_tokens: 600 / 1e6,
  million_audio_output_tokens: 600 / 1e6,
}

/** USD; infinite of what has no price that we know, so that it never looks like the cheapest. */
export function roughCost({ prices, local }: Pick<Offer, 'prices' | 'local'>): number {
  if (prices.length === 0) return local ? 0 : Infinity
  return prices.reduce((sum, { unit, usd }) => sum + Number(usd) * A_MINUTE[unit], 0)
}

const CLASSES = { fast: 300, medium: 800, slow: 1500 } as const

/** ms: as measured, else as its class says. */
const delay = (offer: Pick<Offer, 'latency' | 'measured'>) => offer.measured?.p50_ms ?? CLASSES[offer.latency]

export const ORDERS = ['suggested', 'price', 'speed'] as const
export type Order = (typeof ORDERS)[number]

export interface Wanted {
  text: string
  /** Only what speaks it; empty: any. */
  language: string
  /** Only what can be used now. */
  ready: boolean
  order: Order
}

export function choices(offers: readonly Offer[], wanted: Wanted): Offer[] {
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = (offer: Offer) => {
    const text = `${offer.vendor_label} ${offer.vendor} ${offer.label} ${offer.model}`.toLowerCase()
    return (
      words.every((word) => text.includes(word)) &&
      (!wanted.language || speaks(offer, wanted.language)) &&
      (!wanted.ready || offer.available)
    )
  }
  return offers.filter(fits).sort(by(wanted.order))
}

function by(order: Order): (a: Offer, b: Offer) => number {
  if (order === 'price') return (a, b) => cheaper(roughCost(a), roughCost(b))
  if (order === 'speed') return (a, b) => delay(a) - delay(b)
  // What works now, then what its vendor is chosen for; the catalogue's own order otherwise.
  const rank = (offer: Offer) => (offer.available && !offer.local ? 0 : 2) + (offer.default ? 0 : 1)
  return (a, b) => rank(a) - rank(b)
}

/** Two without a price are alike, where Infinity - Infinity would be no number. */
const cheaper = (a: number, b: number) => (a === b ? 0 : a - b)

/** "English, German, French and 9 more". */
export function languagesInWords(t: TFunction<'vendors'>, languages: readonly string[], most = 3): string {
  if (languages.includes('*')) return t('manyLanguages')
  const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' })
  const all = [...new Set(languages.map(primary))].map((tag) => names.of(tag) ?? tag)
  const shown = all.slice(0, all.length === most + 1 ? most + 1 : most).join(', ')
  const more = all.length - most
  return more > 1 ? t('andMoreLanguages', { languages: shown, count: more }) : shown
}
