/** The guided set-up: what can be connected, what each needs to be asked, and what is set without asking. */
import { emptyGateway, emptyTrunk, type TrunkForm } from '../values'

export const KINDS = ['addresses', 'account', 'pbx', 'phone'] as const
export type Kind = (typeof KINDS)[number]

/** The steps between the choice and the values to copy. */
export const STEPS = ['connection', 'calls'] as const
export type Step = (typeof STEPS)[number]

/** A phone registers always, a PBX when it has no fixed address. */
export type Found = 'address' | 'registers'

export interface Account {
  username: string
  password: string
}

/** What a kind of connection begins with; `account` is the one made up for what registers here. */
export function startOf(kind: Kind, account: Account): TrunkForm {
  const base = emptyTrunk()
  switch (kind) {
    case 'addresses':
      return base
    case 'account':
      return { ...base, auth: 'digest', registration: 'outbound' }
    case 'pbx':
      return { ...base, max_concurrent_calls: 20 }
    case 'phone':
      return { ...registering(base, account), max_concurrent_calls: 2, max_calls_per_second: 1 }
  }
}

/** The form as it is when the PBX is found in another way; what was typed elsewhere stays. */
export function foundBy(form: TrunkForm, found: Found, account: Account): TrunkForm {
  if (found === 'registers') return registering(form, account)
  return {
    ...form,
    registration: 'none',
    inbound_auth: 'ip',
    inbound_username: '',
    inbound_password: '',
    gateways: form.gateways.length ? form.gateways : [emptyGateway()],
  }
}

function registering(form: TrunkForm, { username, password }: Account): TrunkForm {
  return {
    ...form,
    registration: 'inbound',
    inbound_auth: 'digest',
    inbound_username: username,
    inbound_password: password,
    gateways: [],
    allowed_addresses: '',
  }
}

const OF_CALLS =
  /^(number_format|country|tech_prefix|inbound_strip|inbound_prefix|srtp|codecs|dtmf|max_|inbound_reserved|caller_id)/

/** The step on which a field of the form is asked. */
export const stepOf = (field: string): Step => (OF_CALLS.test(field) ? 'calls' : 'connection')

export interface Faults {
  /** Where to go to see the first one; null: no fault belongs to a step up to the one asked from. */
  step: Step | null
  /** By field of the form. */
  shown: Record<string, string>
}

/** Those of the faults that belong to `step` or one before it: what comes later has not been asked yet. */
export function faultsUpTo(step: Step, all: Record<string, string>): Faults {
  const last = STEPS.indexOf(step)
  const shown = Object.entries(all).filter(([field]) => STEPS.indexOf(stepOf(field)) <= last)
  const places = shown.map(([field]) => STEPS.indexOf(stepOf(field)))
  return { step: places.length ? STEPS[Math.min(...places)]! : null, shown: Object.fromEntries(shown) }
}

// Without those that look alike when read to somebody.
const LETTERS = 'abcdefghijkmnpqrstuvwxyz'
const ALL = `${LETTERS}ABCDEFGHJKLMNPQRSTUVWXYZ23456789`

/** `length` characters of `alphabet`, each as likely as the others. */
function random(length: number, alphabet: string): string {
  const fair = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1))
    if (byte! < fair) text += alphabet[byte! % alphabet.length]
  }
  return text
}

/** An account for what registers here: user names are unique on the platform, hence the random letters. */
export const newAccount = (): Account => ({
  username: `line-${random(8, LETTERS)}`,
  password: random(24, ALL),
})
