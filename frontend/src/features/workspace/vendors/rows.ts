/** One row for each key: vendors that share a key stand together. */
import type { components, paths } from '@/api/schema'

type Vendor = components['schemas']['Vendor']
export type VendorKey = components['schemas']['VendorKey']
type KeyVendor = paths['/api/v1/vendor-keys/{vendor}']['get']['parameters']['path']['vendor']
export type Kind = Vendor['kinds'][number]

export interface VendorRow {
  /** The name that its key is kept under. */
  vendor: KeyVendor
  label: string
  kinds: Kind[]
  source: Vendor['key_source']
  /** The tenant's own. */
  own: VendorKey | null
}

const KINDS: readonly Kind[] = ['stt', 'llm', 'tts', 'realtime']

/** Those with a key of the tenant's own first; local ones have none. */
export function rowsOf(vendors: readonly Vendor[], keys: readonly VendorKey[]): VendorRow[] {
  const names = [...new Set(vendors.map(({ key }) => key))].filter(Boolean)
  const rows = names.map((name) => {
    const sharing = vendors.filter(({ key }) => key === name)
    const main = sharing.find(({ vendor }) => vendor === name) ?? sharing[0]!
    return {
      vendor: name as KeyVendor,
      label: main.label,
      kinds: KINDS.filter((kind) => sharing.some(({ kinds }) => kinds.includes(kind))),
      source: main.key_source,
      own: keys.find(({ vendor }) => vendor === name) ?? null,
    }
  })
  const rank = (row: VendorRow) => (row.own ? 0 : 1)
  return rows.sort((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label))
}

export const localOnes = (vendors: readonly Vendor[]): string[] =>
  vendors.filter(({ key }) => !key).map(({ label }) => label)
