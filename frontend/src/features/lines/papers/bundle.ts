/** Papers for a regulator, as a form that follows from what is wanted. */
import type { Requirements } from '../data'

type Wanted = Requirements['wanted'][number]

/** How carriers name the attribute of a document that is proved by an address instead of text. */
const ADDRESSES: readonly string[] = ['address_sids', 'address']

export interface PaperDraft {
  /** Which of the accepted documents. */
  type: string
  attributes: Record<string, string>
  address: string | null
}

export interface BundleDraft {
  label: string
  owner: string
  email: string
  attributes: Record<string, string>
  papers: PaperDraft[]
}

export const identityOf = ({ wanted }: Requirements): Wanted['fields'] =>
  wanted.filter(({ kind }) => kind === 'identity').flatMap(({ fields }) => fields)

export const documentsOf = ({ wanted }: Requirements): Wanted[] =>
  wanted.filter(({ kind }) => kind !== 'identity')

/** What is to be typed of a document. */
export const fieldsOf = ({ fields }: Wanted): Wanted['fields'] =>
  fields.filter(({ name }) => !ADDRESSES.includes(name))

export const wantsAddress = ({ kind, fields }: Wanted): boolean =>
  kind === 'address' || fields.some(({ name }) => ADDRESSES.includes(name))

const emptyFields = (fields: Wanted['fields']) => Object.fromEntries(fields.map(({ name }) => [name, '']))

export const emptyBundle = (requirements: Requirements): BundleDraft => ({
  label: '',
  owner: '',
  email: '',
  attributes: emptyFields(identityOf(requirements)),
  papers: documentsOf(requirements).map((one) => ({
    type: one.accepted[0]?.name ?? one.name,
    attributes: emptyFields(fieldsOf(one)),
    address: null,
  })),
})

const filled = (attributes: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value.trim() ? [[name, value.trim()]] : [])),
  )

export function bundleBody(draft: BundleDraft, { carrier, country, type }: Requirements) {
  const { label, owner, email, attributes, papers } = draft
  return {
    carrier,
    country,
    type,
    label: label.trim() || owner.trim(),
    owner: owner.trim(),
    email: email.trim(),
    business: true,
    attributes: filled(attributes),
    papers: papers.map((paper) => ({ ...paper, attributes: filled(paper.attributes) })),
  }
}
