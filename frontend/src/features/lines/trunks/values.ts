/** A trunk in its form: conversion and what is checked before the server does. */
import type { components } from '@/api/schema'
import type { Trunk } from '../data'

export interface GatewayForm {
  host: string
  port: number
  transport: 'udp' | 'tcp' | 'tls'
  priority: number
  weight: number
  enabled: boolean
}

export interface TrunkForm {
  name: string
  direction: Trunk['direction']
  auth: Trunk['auth']
  username: string
  password: string
  number_format: Trunk['number_format']
  max_concurrent_calls: number
  max_calls_per_second: number
  gateways: GatewayForm[]
  /** One a line. */
  allowed_addresses: string
}

export const emptyGateway = (): GatewayForm => ({
  host: '',
  port: 5060,
  transport: 'udp',
  priority: 1,
  weight: 1,
  enabled: true,
})

export const emptyTrunk = (): TrunkForm => ({
  name: '',
  direction: 'both',
  auth: 'ip',
  username: '',
  password: '',
  number_format: 'e164_plus',
  max_concurrent_calls: 10,
  max_calls_per_second: 1,
  gateways: [emptyGateway()],
  allowed_addresses: '',
})

export function toForm(trunk: Trunk): TrunkForm {
  return {
    name: trunk.name,
    direction: trunk.direction,
    auth: trunk.auth,
    username: trunk.username,
    password: '',
    number_format: trunk.number_format,
    max_concurrent_calls: trunk.max_concurrent_calls,
    max_calls_per_second: trunk.max_calls_per_second,
    gateways: trunk.gateways.map((gateway) => ({ ...gateway }) as GatewayForm),
    allowed_addresses: trunk.allowed_addresses.join('\n'),
  }
}

export const addressesOf = (text: string): string[] =>
  text
    .split(/[\s,;]+/)
    .map((address) => address.trim())
    .filter(Boolean)

type Body = components['schemas']['TrunkInputRequest']

/** What is sent. A password that was not typed is left out: the stored one stays. */
export function fromForm(form: TrunkForm): Body {
  const { password, allowed_addresses, name, username, ...rest } = form
  return {
    ...rest,
    name: name.trim(),
    username: username.trim(),
    gateways: form.gateways.map((gateway) => ({ ...gateway, host: gateway.host.trim() })),
    allowed_addresses: addressesOf(allowed_addresses),
    ...(password ? { password } : {}),
  }
}

/** The server counts addresses; the form has one box for them. */
export const placeOf = (field: string) => field.replace(/^allowed_addresses\.\d+$/, 'allowed_addresses')

interface Words {
  required: string
  host: string
  gateway: string
  address: string
  addresses: string
  between: (least: number, most: number) => string
}

const HOST = /^(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$|^[0-9a-fA-F:]+$/
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*)(\/\d{1,3})?$/

export function check(form: TrunkForm, passwordSet: boolean, words: Words): Record<string, string> {
  const faults: Record<string, string> = {}
  if (!form.name.trim()) faults.name = words.required
  if (form.direction !== 'inbound' && form.gateways.length === 0) faults.gateways = words.gateway
  const addresses = addressesOf(form.allowed_addresses)
  if (form.direction !== 'outbound' && addresses.length === 0) faults.allowed_addresses = words.addresses
  const wrong = addresses.find((address) => !ADDRESS.test(address))
  if (wrong) faults.allowed_addresses = `${wrong}: ${words.address}`
  if (form.auth === 'digest') {
    if (!form.username.trim()) faults.username = words.required
    if (!form.password && !passwordSet) faults.password = words.required
  }
  const limit = (place: string, value: unknown, least: number, most: number) => {
    if (typeof value !== 'number' || value < least || value > most) faults[place] = words.between(least, most)
  }
  limit('max_concurrent_calls', form.max_concurrent_calls, 1, 100_000)
  limit('max_calls_per_second', form.max_calls_per_second, 1, 1000)
  form.gateways.forEach((gateway, i) => {
    if (!HOST.test(gateway.host.trim())) faults[`gateways.${i}.host`] = words.host
    limit(`gateways.${i}.port`, gateway.port, 1, 65_535)
    limit(`gateways.${i}.priority`, gateway.priority, 0, 65_535)
    limit(`gateways.${i}.weight`, gateway.weight, 1, 65_535)
  })
  return faults
}
