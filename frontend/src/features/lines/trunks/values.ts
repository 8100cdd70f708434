/** A trunk in its form: conversion and what is checked before the server does. */
import type { components } from '@/api/schema'
import type { Trunk } from '../data'

/** An empty port: looked up by the name (RFC 3263). */
export type PortForm = number | ''
export type Transport = 'udp' | 'tcp' | 'tls'

export interface GatewayForm {
  host: string
  port: PortForm
  transport: Transport
  priority: number
  weight: number
  enabled: boolean
}

export interface PairForm {
  name: string
  value: string
}

export interface TrunkForm {
  name: string
  direction: Trunk['direction']
  auth: Trunk['auth']
  username: string
  password: string
  inbound_auth: Trunk['inbound_auth']
  inbound_username: string
  inbound_password: string
  registration: Trunk['registration']
  /** An empty host: the first gateway. */
  registrar: { host: string; port: PortForm; transport: Transport }
  registration_expires_s: number
  number_format: Trunk['number_format']
  country: string
  tech_prefix: string
  inbound_strip: number
  inbound_prefix: string
  caller_id_header: Trunk['caller_id_header']
  caller_id_private: boolean
  headers_out: PairForm[]
  headers_in: PairForm[]
  srtp: Trunk['srtp']
  /** In the order of preference, separated by blanks. */
  codecs: string
  dtmf: Trunk['dtmf']
  early_media: Trunk['early_media']
  max_concurrent_calls: number
  max_calls_per_second: number
  inbound_reserved: number
  invite_timeout_s: number
  backup_trunk: string | null
  gateways: GatewayForm[]
  /** One a line. */
  allowed_addresses: string
}

export const CODEC_ORDERS = ['pcmu pcma', 'pcma pcmu', 'pcmu', 'pcma'] as const

export const emptyGateway = (): GatewayForm => ({
  host: '',
  port: '',
  transport: 'udp',
  priority: 1,
  weight: 1,
  enabled: true,
})

const noRegistrar = (): TrunkForm['registrar'] => ({ host: '', port: '', transport: 'udp' })

/** With the server's own defaults. */
export const emptyTrunk = (): TrunkForm => ({
  name: '',
  direction: 'both',
  auth: 'ip',
  username: '',
  password: '',
  inbound_auth: 'ip',
  inbound_username: '',
  inbound_password: '',
  registration: 'none',
  registrar: noRegistrar(),
  registration_expires_s: 300,
  number_format: 'e164_plus',
  country: '',
  tech_prefix: '',
  inbound_strip: 0,
  inbound_prefix: '',
  caller_id_header: 'p_asserted_identity',
  caller_id_private: false,
  headers_out: [],
  headers_in: [],
  srtp: 'off',
  codecs: 'pcmu pcma',
  dtmf: 'rfc4733',
  early_media: 'ignore',
  max_concurrent_calls: 10,
  max_calls_per_second: 5,
  inbound_reserved: 0,
  invite_timeout_s: 6,
  backup_trunk: null,
  gateways: [emptyGateway()],
  allowed_addresses: '',
})

export function toForm(trunk: Trunk): TrunkForm {
  const { registrar } = trunk
  const same = Object.fromEntries(
    Object.keys(emptyTrunk()).map((field) => [field, trunk[field as keyof Trunk]]),
  ) as unknown as TrunkForm
  return {
    ...same,
    password: '',
    inbound_password: '',
    registrar: registrar
      ? { host: registrar.host, port: registrar.port ?? '', transport: registrar.transport as Transport }
      : noRegistrar(),
    headers_out: pairs(trunk.headers_out),
    headers_in: pairs(trunk.headers_in),
    codecs: trunk.codecs.join(' '),
    invite_timeout_s: trunk.invite_timeout_ms / 1000,
    gateways: trunk.gateways.map(({ host, port, transport, priority, weight, enabled }) => ({
      host,
      port: port ?? '',
      transport,
      priority,
      weight,
      enabled,
    })),
    allowed_addresses: trunk.allowed_addresses.join('\n'),
  }
}

const pairs = (named: Record<string, string>): PairForm[] =>
  Object.entries(named).map(([name, value]) => ({ name, value }))

const named = (all: PairForm[]): Record<string, string> =>
  Object.fromEntries(
    all
      .map(({ name, value }) => [name.trim(), value.trim()] as const)
      .filter(([name, value]) => name || value),
  )

export const addressesOf = (text: string): string[] =>
  text
    .split(/[\s,;]+/)
    .map((address) => address.trim())
    .filter(Boolean)

export type TrunkBody = components['schemas']['TrunkInputRequest']

/** What is sent. A password that was not typed is left out: the stored one stays. */
export function fromForm(form: TrunkForm): TrunkBody {
  const { password, inbound_password, invite_timeout_s, registrar, ...rest } = form
  const own = form.registration === 'outbound' && registrar.host.trim()
  return {
    ...rest,
    name: form.name.trim(),
    username: form.username.trim(),
    inbound_username: form.inbound_username.trim(),
    country: form.country.trim().toUpperCase(),
    registrar: own ? { ...registrar, host: registrar.host.trim(), port: registrar.port || null } : null,
    headers_out: named(form.headers_out),
    headers_in: named(form.headers_in),
    codecs: form.codecs.split(' ') as TrunkBody['codecs'],
    invite_timeout_ms: Math.round(invite_timeout_s * 1000),
    // What the direction hides is not asked to be whole, so it is not sent either.
    inbound_reserved: form.direction === 'both' ? form.inbound_reserved : 0,
    backup_trunk: sends(form) ? form.backup_trunk : null,
    gateways: (usesGateways(form) ? form.gateways : []).map((gateway) => ({
      ...gateway,
      host: gateway.host.trim(),
      port: gateway.port || null,
    })),
    allowed_addresses: takes(form) ? addressesOf(form.allowed_addresses) : [],
    ...(password ? { password } : {}),
    ...(inbound_password ? { inbound_password } : {}),
  }
}

/**
 * The form's field for one of the API: the server counts addresses, where the form has one box for them, and
 * names headers, where the form has rows.
 */
export function placeOf(field: string, form: Pick<TrunkForm, 'headers_out' | 'headers_in'>): string {
  if (/^allowed_addresses\.\d+$/.test(field)) return 'allowed_addresses'
  if (field === 'registrar') return 'registrar.host'
  if (field === 'invite_timeout_ms') return 'invite_timeout_s'
  const header = /^(headers_out|headers_in)\.(.+)$/.exec(field)
  if (header) {
    const list = header[1] as 'headers_out' | 'headers_in'
    const row = form[list].findIndex(({ name }) => name.trim() === header[2])
    return row < 0 ? list : `${list}.${row}.name`
  }
  return field
}

/** A refusal of the server in words for the form: which of the addresses in the one box is meant. */
export function wordsOf(field: string, detail: string, form: Pick<TrunkForm, 'allowed_addresses'>): string {
  const index = /^allowed_addresses\.(\d+)$/.exec(field)?.[1]
  const address = index && addressesOf(form.allowed_addresses)[Number(index)]
  return address ? `${address}: ${detail}` : detail
}

export interface Words {
  required: string
  host: string
  gateway: string
  address: string
  addresses: string
  twice: string
  between: (least: number, most: number) => string
}

export interface Stored {
  password_set: boolean
  inbound_password_set: boolean
}

const HOST = /^(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$|^[0-9a-fA-F:]+$/
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*)(\/\d{1,3})?$/

export const sends = ({ direction }: Pick<TrunkForm, 'direction'>) => direction !== 'inbound'
export const takes = ({ direction }: Pick<TrunkForm, 'direction'>) => direction !== 'outbound'
/** The first gateway is also where we register. */
export const usesGateways = (form: Pick<TrunkForm, 'direction' | 'registration'>) =>
  sends(form) || form.registration === 'outbound'
/** Whether we have to prove ourselves to the carrier. */
export const needsAccount = ({ auth, registration }: TrunkForm) =>
  auth === 'digest' || registration === 'outbound'
/** Whether the other side has to prove itself to us. */
export const hasAccountHere = ({ inbound_auth, registration }: TrunkForm) =>
  inbound_auth !== 'ip' || registration === 'inbound'

type Faults = Record<string, string>

export function check(form: TrunkForm, stored: Stored | undefined, words: Words): Faults {
  return {
    ...faultsOfAccess(form, stored, words),
    ...faultsOfNumbers(form, words),
    ...faultsOfGateways(form, words),
    ...faultsOfHeaders(form, words),
  }
}

function faultsOfAccess(form: TrunkForm, stored: Stored | undefined, words: Words): Faults {
  const faults: Faults = {}
  const need = (field: 'name' | 'username' | 'password' | 'inbound_username' | 'inbound_password') => {
    if (!form[field].trim()) faults[field] = words.required
  }
  need('name')
  if (needsAccount(form)) {
    need('username')
    if (!stored?.password_set) need('password')
  }
  if (hasAccountHere(form)) {
    need('inbound_username')
    if (!stored?.inbound_password_set) need('inbound_password')
  }
  const addresses = addressesOf(form.allowed_addresses)
  const byAddress = form.inbound_auth === 'ip' && form.registration === 'none'
  if (takes(form) && byAddress && addresses.length === 0) faults.allowed_addresses = words.addresses
  const wrong = addresses.find((address) => !ADDRESS.test(address))
  if (takes(form) && wrong) faults.allowed_addresses = `${wrong}: ${words.address}`
  return faults
}

const LIMITS = {
  max_concurrent_calls: [1, 100_000],
  max_calls_per_second: [1, 1000],
  inbound_reserved: [0, 100_000],
  invite_timeout_s: [1, 32],
  registration_expires_s: [60, 7200],
  inbound_strip: [0, 16],
} as const

const outside = (value: unknown, [least, most]: readonly [number, number]) =>
  typeof value !== 'number' || value < least || value > most

function faultsOfNumbers(form: TrunkForm, words: Words): Faults {
  const faults: Faults = {}
  for (const [field, range] of Object.entries(LIMITS))
    if (outside(form[field as keyof typeof LIMITS], range)) faults[field] = words.between(range[0], range[1])
  if (form.number_format === 'national' && !form.country) faults.country = words.required
  return faults
}

function faultsOfGateways(form: TrunkForm, words: Words): Faults {
  const faults: Faults = {}
  const limit = (place: string, value: unknown, least: number, most: number) => {
    if (outside(value, [least, most])) faults[place] = words.between(least, most)
  }
  if (sends(form) && form.gateways.length === 0 && form.registration !== 'inbound')
    faults.gateways = words.gateway
  const shown = usesGateways(form) ? form.gateways : []
  shown.forEach((gateway, i) => {
    if (!HOST.test(gateway.host.trim())) faults[`gateways.${i}.host`] = words.host
    if (gateway.port !== '') limit(`gateways.${i}.port`, gateway.port, 1, 65_535)
    limit(`gateways.${i}.priority`, gateway.priority, 0, 65_535)
    limit(`gateways.${i}.weight`, gateway.weight, 1, 65_535)
  })
  const { host, port } = form.registrar
  if (form.registration === 'outbound' && host.trim()) {
    if (!HOST.test(host.trim())) faults['registrar.host'] = words.host
    if (port !== '') limit('registrar.port', port, 1, 65_535)
  }
  return faults
}

function faultsOfHeaders(form: TrunkForm, words: Words): Faults {
  const faults: Faults = {}
  for (const list of ['headers_out', 'headers_in'] as const) {
    const seen = new Set<string>()
    form[list].forEach(({ name, value }, i) => {
      const known = name.trim().toLowerCase()
      if (!known && value.trim()) faults[`${list}.${i}.name`] = words.required
      if (known && !value.trim()) faults[`${list}.${i}.value`] = words.required
      if (known && seen.has(known)) faults[`${list}.${i}.name`] = words.twice
      seen.add(known)
    })
  }
  return faults
}
